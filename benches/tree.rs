//! `check` over whole repositories, beside `rg -c aws_iam` over the same files in the same run.
//! `cargo bench --no-default-features --bench tree [-- FILES…]`, with ripgrep on the path.
//!
//! The repositories are made here: Terraform roots with modules, variables and values, of whose files one in twenty
//! declares something of IAM, and templates in the same proportion. Runs alternate, so that a busy machine slows both;
//! the ratio is that of the medians. Peak memory is the high-water mark that Linux keeps.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often each command runs.
const RUNS: usize = 7;

fn main() {
    let asked: Vec<usize> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![1_000, 10_000, 100_000] } else { asked };
    if Command::new("rg").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("ripgrep (`rg`) is not on the path; there is nothing to compare with");
        return;
    }
    println!("{:>22}  {:>9}  {:>9}  {:>6}  {:>7}", "tree", "rg", "check", "ratio", "memory");
    for (what, make) in [("Terraform", terraform as fn(&Path, usize)), ("templates", templates)] {
        for &files in &sizes {
            let dir = tempfile::tempdir().unwrap();
            make(dir.path(), files);
            let (rg, check, memory) = measure(dir.path());
            let ratio = check.as_secs_f64() / rg.as_secs_f64();
            let tree = format!("{files} {what}");
            println!("{tree:>22}  {:>6.0} ms  {:>6.0} ms  {ratio:>6.2}  {memory:>4} MB", ms(rg), ms(check));
        }
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("main.tf"), iam(0)).unwrap();
    let mut alone: Vec<Duration> = (0..RUNS * 3).map(|_| check(dir.path()).0).collect();
    println!("{:>22}  {:>9}  {:>6.1} ms", "one file", "", ms(median(&mut alone)));
}

fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1000.0
}

fn median(all: &mut [Duration]) -> Duration {
    all.sort();
    all[all.len() / 2]
}

/// Wall times of both, and the memory of `check` in megabytes.
fn measure(dir: &Path) -> (Duration, Duration, u64) {
    let (mut rg, mut ours, mut memory) = (Vec::new(), Vec::new(), 0);
    // The first of each fills the cache.
    for run in 0..=RUNS {
        let begun = Instant::now();
        let mut search = Command::new("rg");
        search.args(["-c", "aws_iam"]).current_dir(dir).stdout(Stdio::null()).status().unwrap();
        let searched = begun.elapsed();
        let (checked, peak) = check(dir);
        if run > 0 {
            rg.push(searched);
            ours.push(checked);
            memory = memory.max(peak);
        }
    }
    (median(&mut rg), median(&mut ours), memory / 1024)
}

/// Wall time and peak memory in kilobytes.
fn check(dir: &Path) -> (Duration, u64) {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_mfaguard"))
        .args(["check", "--format", "json", "--exit-zero"])
        .current_dir(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let high =
            text.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak = high.unwrap_or(0).max(peak);
        std::thread::sleep(Duration::from_micros(300));
    }
    (begun.elapsed(), peak)
}

fn write(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A user, a group, a policy and their attachments.
fn iam(n: usize) -> String {
    format!(
        r#"resource "aws_iam_group" "staff" {{
  name = "staff-{n}"
}}

resource "aws_iam_user" "people" {{
  for_each = toset(["ann-{n}", "ben-{n}"])
  name     = each.key
}}

resource "aws_iam_user_login_profile" "people" {{
  for_each = aws_iam_user.people
  user     = each.value.name
}}

resource "aws_iam_user_group_membership" "people" {{
  for_each = aws_iam_user.people
  user     = each.value.name
  groups   = [aws_iam_group.staff.name]
}}

data "aws_iam_policy_document" "gate" {{
  statement {{
    effect      = "Deny"
    resources   = ["*"]
    not_actions = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"]
    condition {{
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }}
  }}
}}

resource "aws_iam_group_policy" "gate" {{
  group  = aws_iam_group.staff.name
  policy = data.aws_iam_policy_document.gate.json
}}
"#
    )
}

/// Resources that have nothing to do with IAM.
fn others(what: &str, n: usize, count: usize) -> String {
    (0..count).fold(String::new(), |mut out, i| {
        let _ = write!(
            out,
            r#"# What runs here is described in the runbook of service {n}.
resource "aws_instance" "{what}_{i}" {{
  ami                    = data.aws_ami.base.id
  instance_type          = var.instance_type
  subnet_id              = element(var.subnets, {i})
  vpc_security_group_ids = [aws_security_group.{what}_{i}.id]
  user_data = <<-EOT
    #!/bin/sh
    echo "service {n}-{i}" > /etc/motd
  EOT
  tags = merge(var.tags, {{ Name = "service-{n}-{i}" }})
}}

resource "aws_security_group" "{what}_{i}" {{
  name_prefix = "service-{n}-{i}-"
  vpc_id      = var.vpc
  dynamic "ingress" {{
    for_each = var.ports
    content {{
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.{i}.0.0/16"]
    }}
  }}
}}

"#
        );
        out
    })
}

const VARIABLES: &str = r#"variable "instance_type" {
  type    = string
  default = "t3.small"
}
variable "subnets" {
  type = list(string)
}
variable "vpc" {
  type = string
}
variable "ports" {
  type    = set(number)
  default = [443]
}
variable "tags" {
  type    = map(string)
  default = {}
}
"#;
const VALUES: &str = "subnets = [\"subnet-1\", \"subnet-2\"]\nvpc     = \"vpc-1\"\n";
const VERSIONS: &str = "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n\nprovider \"aws\" {\n  region = \"eu-central-1\"\n}\n";

/// Teams of forty files: two modules and four roots. One root and one module declare something of IAM.
fn terraform(dir: &Path, files: usize) {
    for team in 0..files.div_ceil(40) {
        for (module, own) in [("service", others("service", team, 6)), ("people", iam(team))] {
            let at = format!("team-{team}/modules/{module}");
            write(dir, &format!("{at}/main.tf"), &own);
            write(dir, &format!("{at}/variables.tf"), VARIABLES);
            write(dir, &format!("{at}/outputs.tf"), "output \"name\" {\n  value = \"x\"\n}\n");
            write(dir, &format!("{at}/versions.tf"), VERSIONS);
        }
        for (number, root) in ["dev", "test", "prod", "shared"].into_iter().enumerate() {
            let at = format!("team-{team}/{root}");
            let module = |name| {
                format!(
                    "module \"{name}\" {{\n  source  = \"../modules/{name}\"\n  subnets = var.subnets\n  vpc     = var.vpc\n}}\n"
                )
            };
            write(dir, &format!("{at}/main.tf"), &module(if number == 2 { "people" } else { "service" }));
            let network = if number == 3 { iam(team) } else { others("network", team, 4) };
            write(dir, &format!("{at}/network.tf"), &network);
            write(dir, &format!("{at}/compute.tf"), &others("compute", team + 1, 8));
            write(dir, &format!("{at}/storage.tf"), &others("storage", team + 2, 5));
            write(dir, &format!("{at}/variables.tf"), VARIABLES);
            write(dir, &format!("{at}/outputs.tf"), "output \"vpc\" {\n  value = var.vpc\n}\n");
            write(dir, &format!("{at}/versions.tf"), VERSIONS);
            write(dir, &format!("{at}/terraform.tfvars"), VALUES);
        }
    }
}

/// Stacks, one in twenty of which declares something of IAM.
fn templates(dir: &Path, files: usize) {
    for n in 0..files {
        let mut text = String::from(
            "AWSTemplateFormatVersion: '2010-09-09'\nParameters:\n  Vpc:\n    Type: AWS::EC2::VPC::Id\nResources:\n",
        );
        for i in 0..12 {
            let _ = write!(
                text,
                "  Queue{i}:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: !Sub 'service-{n}-{i}-${{AWS::Region}}'\n      VisibilityTimeout: {i}\n      Tags:\n        - Key: vpc\n          Value: !Ref Vpc\n"
            );
        }
        if n % 20 == 0 {
            let _ = write!(
                text,
                "  Staff:\n    Type: AWS::IAM::Group\n  Ann:\n    Type: AWS::IAM::User\n    Properties:\n      UserName: ann-{n}\n      Groups: [!Ref Staff]\n      LoginProfile:\n        Password: '{{{{resolve:secretsmanager:ann-{n}}}}}'\n"
            );
        }
        write(dir, &format!("stacks-{}/service-{n}.yaml", n / 50), &text);
    }
}
