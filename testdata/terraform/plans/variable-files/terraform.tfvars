a = "tfvars"
b = "tfvars"
c = "tfvars"
d = "41"
e = ["1", 2]
