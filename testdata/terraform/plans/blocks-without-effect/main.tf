moved {
  from = aws_iam_user.old
  to   = aws_iam_user.new
}

removed {
  from = aws_iam_user.gone
  lifecycle {
    destroy = false
  }
}

check "c" {
  assert {
    condition     = length(aws_iam_user.new.name) > 0
    error_message = "no name"
  }
}

variable "v" {
  default = "v"
  validation {
    condition     = length(var.v) < 9
    error_message = "too long"
  }
}

resource "aws_iam_user" "new" {
  name = var.v
  lifecycle {
    precondition {
      condition     = var.v != ""
      error_message = "empty"
    }
  }
}

output "v" {
  value       = aws_iam_user.new.name
  description = "d"
  depends_on  = [aws_iam_user.new]
}
