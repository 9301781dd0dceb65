variable "string" {
  type = string
}

variable "number" {
  type = number
}

variable "bool" {
  type = bool
}

variable "list" {
  type = list(string)
}

variable "numbers" {
  type = list(number)
}

variable "set" {
  type = set(string)
}

variable "map" {
  type = map(string)
}

variable "object" {
  type = object({ a = string, b = number })
}

variable "tuple" {
  type = tuple([string, number])
}

variable "any" {
  type = any
}
