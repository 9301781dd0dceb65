locals {
  team = "ops"
}
