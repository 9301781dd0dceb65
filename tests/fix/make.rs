//! Violating files in every language and many styles: the same ones in every run.

use std::fmt::Write as _;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    BoolInDeny,
    InvertedDeny,
    InvertedAllow,
    IfExistsInAllow,
    IamStar,
    NoStatement,
    Operator,
    Key,
    Unattached,
    NoGate,
    AdminUser,
    ConsoleUser,
    OpenTrust,
}

pub(crate) const FAULTS: [Fault; 13] = [
    Fault::BoolInDeny,
    Fault::InvertedDeny,
    Fault::InvertedAllow,
    Fault::IfExistsInAllow,
    Fault::IamStar,
    Fault::NoStatement,
    Fault::Operator,
    Fault::Key,
    Fault::Unattached,
    Fault::NoGate,
    Fault::AdminUser,
    Fault::ConsoleUser,
    Fault::OpenTrust,
];

/// How policies are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// `aws_iam_policy_document`.
    Document,
    /// `jsonencode`.
    Encode,
    /// JSON in a heredoc.
    Heredoc,
    /// `aws_iam_policy_document` in `.tf.json`.
    TfJson,
    Yaml,
    Json,
}

pub(crate) const LANGUAGES: [Language; 6] = [
    Language::Document,
    Language::Encode,
    Language::Heredoc,
    Language::TfJson,
    Language::Yaml,
    Language::Json,
];

/// A choice of style: a small generator of numbers.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn yes(&mut self) -> bool {
        self.below(2) == 1
    }
}

/// A file with something wrong in it.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) file: &'static str,
    pub(crate) text: String,
}

/// A value of a policy or a template.
#[derive(Clone)]
enum V {
    S(String),
    /// A reference: an expression of Terraform, or a logical id.
    R(String),
    L(Vec<V>),
    M(Vec<(String, V)>),
}

fn s(text: &str) -> V {
    V::S(text.to_owned())
}

fn m<const N: usize>(entries: [(&str, V); N]) -> V {
    V::M(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}

/// The samples of all faults in all languages, with so many styles each.
pub(crate) fn samples(styles: u64) -> Vec<Sample> {
    let mut out = Vec::new();
    for (f, fault) in FAULTS.into_iter().enumerate() {
        for (l, language) in LANGUAGES.into_iter().enumerate() {
            let written = matches!(language, Language::Document | Language::TfJson);
            // Blocks always are a statement.
            if fault == Fault::NoStatement && written {
                continue;
            }
            for style in 0..styles {
                let seed = (f as u64 * 100 + l as u64) * 100 + style + 1;
                out.push(sample(fault, language, seed));
            }
        }
    }
    out
}

fn sample(fault: Fault, language: Language, seed: u64) -> Sample {
    let mut dice = Dice::new(seed);
    let mut maker = Maker {
        language,
        unit: if dice.yes() && matches!(language, Language::Yaml | Language::Json | Language::TfJson) {
            "    "
        } else {
            "  "
        },
        comments: dice.yes(),
        inline: dice.yes(),
        flush: dice.yes(),
        quote: if dice.yes() { '\'' } else { '"' },
        long_ref: dice.yes(),
        many: dice.below(3) == 0,
    };
    let crlf = dice.yes();
    let text = maker.file(fault, &mut dice);
    let text = if crlf { text.replace('\n', "\r\n") } else { text };
    let file = match language {
        Language::Document | Language::Encode | Language::Heredoc => "main.tf",
        Language::TfJson => "main.tf.json",
        Language::Yaml => "template.yaml",
        Language::Json => "template.json",
    };
    Sample { name: format!("{fault:?}-{language:?}-{seed}").to_lowercase(), file, text }
}

struct Maker {
    language: Language,
    unit: &'static str,
    comments: bool,
    /// Short lists on one line.
    inline: bool,
    /// Lists of YAML in the column of their key.
    flush: bool,
    quote: char,
    long_ref: bool,
    many: bool,
}

/// What a file declares.
struct Scene {
    /// `user`, `group` or `role`.
    who: &'static str,
    console: bool,
    managed: Option<&'static str>,
    gate: Option<V>,
    attached: bool,
    trust: Option<V>,
}

fn statement(fault: Fault, dice: &mut Dice) -> V {
    let enrol = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"];
    let list = |names: &[&str]| V::L(names.iter().map(|n| s(n)).collect());
    let gate = |operator: &str, key: &str, value: &str, not: V| {
        V::M(vec![
            ("Sid".into(), s("Gate")),
            ("Effect".into(), s("Deny")),
            ("NotAction".into(), not),
            ("Resource".into(), s("*")),
            ("Condition".into(), m([(operator, m([(key, s(value))]))])),
        ])
    };
    let key = "aws:MultiFactorAuthPresent";
    match fault {
        Fault::BoolInDeny => gate("Bool", key, "false", list(&enrol)),
        Fault::InvertedDeny => {
            gate(if dice.yes() { "Bool" } else { "BoolIfExists" }, key, "true", list(&enrol))
        }
        Fault::IamStar => gate(
            if dice.yes() { "BoolIfExists" } else { "Bool" },
            key,
            "false",
            match dice.below(3) {
                0 => s("iam:*"),
                1 => list(&["iam:*", "sts:GetSessionToken"]),
                _ => list(&["sts:GetSessionToken", enrol[0], enrol[1], "iam:*"]),
            },
        ),
        Fault::Operator => gate("BoolIfExist", key, "false", list(&enrol)),
        Fault::Key => gate("BoolIfExists", "aws:MultiFactorAuthenticated", "false", list(&enrol)),
        Fault::InvertedAllow | Fault::IfExistsInAllow => {
            let (operator, value) =
                if fault == Fault::InvertedAllow { ("Bool", "false") } else { ("BoolIfExists", "true") };
            m([
                ("Effect", s("Allow")),
                ("Action", s("*")),
                ("Resource", s("*")),
                ("Condition", m([(operator, m([(key, s(value))]))])),
            ])
        }
        _ => gate("BoolIfExists", key, "false", list(&enrol)),
    }
}

fn scene(fault: Fault, dice: &mut Dice) -> Scene {
    let admin = Some("arn:aws:iam::aws:policy/AdministratorAccess");
    let document = |statement: V| m([("Version", s("2012-10-17")), ("Statement", V::L(vec![statement]))]);
    let gate = Scene {
        who: "group",
        console: false,
        managed: admin,
        gate: Some(document(statement(fault, dice))),
        attached: true,
        trust: None,
    };
    match fault {
        Fault::BoolInDeny | Fault::InvertedDeny | Fault::IamStar | Fault::Operator | Fault::Key => {
            Scene { who: if dice.yes() { "user" } else { "group" }, ..gate }
        }
        Fault::NoStatement => {
            let V::M(mut entries) = statement(fault, dice) else { return gate };
            if dice.yes() {
                entries.insert(0, ("Version".into(), s("2012-10-17")));
            }
            Scene { gate: Some(V::M(entries)), ..gate }
        }
        Fault::InvertedAllow | Fault::IfExistsInAllow => {
            Scene { who: "user", console: true, managed: None, ..gate }
        }
        Fault::Unattached => Scene { attached: false, ..gate },
        Fault::NoGate => Scene { gate: None, ..gate },
        Fault::AdminUser => Scene { who: "user", gate: None, ..gate },
        Fault::ConsoleUser => Scene {
            who: "user",
            console: true,
            managed: Some("arn:aws:iam::aws:policy/PowerUserAccess"),
            gate: None,
            ..gate
        },
        Fault::OpenTrust => {
            let mut trust = vec![
                ("Effect".to_owned(), s("Allow")),
                ("Action".to_owned(), s("sts:AssumeRole")),
                ("Principal".to_owned(), m([("AWS", s("arn:aws:iam::111122223333:root"))])),
            ];
            if dice.yes() {
                let id = m([("StringEquals", m([("sts:ExternalId", s("x"))]))]);
                trust.push(("Condition".to_owned(), id));
            }
            Scene { who: "role", gate: None, trust: Some(document(V::M(trust))), ..gate }
        }
    }
}

impl Maker {
    fn file(&mut self, fault: Fault, dice: &mut Dice) -> String {
        let scene = scene(fault, dice);
        // `each.value` of roles is not what the fixes of roles are about.
        self.many &= scene.who != "role";
        match self.language {
            Language::Document | Language::Encode | Language::Heredoc => self.hcl_file(&scene),
            Language::TfJson => self.json(&self.tf_json(&scene), "") + "\n",
            Language::Yaml => self.yaml_file(&scene),
            Language::Json => self.json(&self.template(&scene), "") + "\n",
        }
    }

    fn comment(&self, text: &str) -> String {
        if self.comments { format!("# keep: {text}\n") } else { String::new() }
    }

    fn hcl_file(&self, scene: &Scene) -> String {
        let who = scene.who;
        let mut out = self.comment("the head");
        let each = if self.many { "  for_each = toset([\"one\", \"two\"])\n" } else { "" };
        let name = if self.many { "each.key" } else { "\"people\"" };
        let pad = if self.many { "    " } else { "" };
        let remark = if self.comments { " # keep: the name" } else { "" };
        let _ = write!(out, "resource \"aws_iam_{who}\" \"people\" {{\n{each}  name{pad} = {name}{remark}\n");
        if let Some(trust) = &scene.trust {
            let _ = write!(out, "\n  assume_role_policy = {}", self.policy("trust", trust));
        }
        out.push_str("}\n");
        let it = if self.many { "each.value.name" } else { &format!("aws_iam_{who}.people.name") };
        let each = if self.many { format!("  for_each   = aws_iam_{who}.people\n") } else { String::new() };
        let attach = |label: &str, arn: &str| {
            format!(
                "\nresource \"aws_iam_{who}_policy_attachment\" \"{label}\" {{\n{each}  {who:<10} = {it}\n  policy_arn = {arn}\n}}\n"
            )
        };
        if let Some(arn) = scene.managed {
            out += &attach("admin", &format!("\"{arn}\""));
        }
        if scene.console {
            let (each, user, pad) = match self.many {
                true => ("  for_each = aws_iam_user.people\n", "each.value.name", "    "),
                false => ("", "aws_iam_user.people.name", ""),
            };
            let _ = write!(
                out,
                "\nresource \"aws_iam_user_login_profile\" \"people\" {{\n{each}  user{pad} = {user}\n}}\n"
            );
        }
        if let Some(gate) = &scene.gate {
            let _ = write!(
                out,
                "\n{}resource \"aws_iam_policy\" \"gate\" {{\n  name = \"gate\"\n\n  policy = {}}}\n",
                self.comment("the gate"),
                self.policy("gate", gate)
            );
            if scene.attached {
                out += &attach("gate", "aws_iam_policy.gate.arn");
            }
        }
        for (label, document) in [("trust", &scene.trust), ("gate", &scene.gate)] {
            if let (Language::Document, Some(document)) = (self.language, document) {
                let _ = write!(out, "\ndata \"aws_iam_policy_document\" \"{label}\" {{\n");
                out += &self.blocks(document);
                out.push_str("}\n");
            }
        }
        out + &self.comment("the end")
    }

    /// The value of the argument that a policy is, with its line break.
    fn policy(&self, label: &str, document: &V) -> String {
        match self.language {
            Language::Encode => format!("jsonencode({})\n", self.hcl(document, "  ")),
            Language::Heredoc if self.flush => format!("<<EOF\n{}\nEOF\n", self.json(document, "")),
            Language::Heredoc => format!("<<-EOT\n    {}\n  EOT\n", self.json(document, "    ")),
            _ => format!("data.aws_iam_policy_document.{label}.json\n"),
        }
    }

    fn is_short(&self, value: &V) -> bool {
        match value {
            V::S(_) | V::R(_) => true,
            V::L(items) => self.inline && items.iter().all(|i| matches!(i, V::S(_) | V::R(_))),
            V::M(entries) => {
                self.inline && entries.len() == 1 && entries.iter().all(|(_, v)| self.is_short(v))
            }
        }
    }

    fn hcl(&self, value: &V, indent: &str) -> String {
        let deeper = format!("{indent}  ");
        match value {
            V::S(text) => format!("{text:?}"),
            V::R(code) => code.clone(),
            V::L(items) if self.is_short(value) => {
                format!("[{}]", items.iter().map(|i| self.hcl(i, "")).collect::<Vec<_>>().join(", "))
            }
            V::L(items) => {
                let comma = if self.comments { "," } else { "" };
                let items: Vec<String> =
                    items.iter().map(|i| format!("{deeper}{}", self.hcl(i, &deeper))).collect();
                format!("[\n{}{comma}\n{indent}]", items.join(",\n"))
            }
            V::M(entries) if self.is_short(value) => {
                let entries: Vec<String> =
                    entries.iter().map(|(k, v)| format!("{} = {}", key(k), self.hcl(v, ""))).collect();
                format!("{{ {} }}", entries.join(", "))
            }
            V::M(entries) => {
                let entries: Vec<(String, String)> =
                    entries.iter().map(|(k, v)| (key(k), self.hcl(v, &deeper))).collect();
                format!("{{\n{}{indent}}}", lines(&entries, &deeper))
            }
        }
    }

    fn blocks(&self, document: &V) -> String {
        let V::M(top) = document else { return String::new() };
        let Some((_, V::L(statements))) = top.iter().find(|(k, _)| k == "Statement") else {
            return String::new();
        };
        let mut out = String::new();
        for statement in statements {
            let (arguments, inner) = self.arguments(statement);
            out += "  statement {\n";
            if self.comments {
                out += "    # keep: a statement\n";
            }
            let written: Vec<(String, String)> =
                arguments.iter().map(|(k, v)| (k.clone(), self.hcl(v, "    "))).collect();
            out += &lines(&written, "    ");
            for (name, block) in inner {
                let V::M(entries) = block else { continue };
                let entries: Vec<(String, String)> =
                    entries.iter().map(|(k, v)| (k.clone(), self.hcl(v, "      "))).collect();
                let _ = write!(out, "\n    {name} {{\n{}    }}\n", lines(&entries, "      "));
            }
            out += "  }\n";
        }
        out
    }

    /// The arguments of a statement block, and the blocks in it.
    #[allow(clippy::type_complexity)]
    fn arguments(&self, statement: &V) -> (Vec<(String, V)>, Vec<(&'static str, V)>) {
        let V::M(entries) = statement else { return (Vec::new(), Vec::new()) };
        let listed = |v: &V| if matches!(v, V::S(_)) { V::L(vec![v.clone()]) } else { v.clone() };
        let (mut arguments, mut blocks) = (Vec::new(), Vec::new());
        for (name, value) in entries {
            match (name.as_str(), value) {
                ("Principal", V::M(kinds)) => {
                    blocks.extend(kinds.iter().map(|(kind, who)| {
                        ("principals", m([("type", s(kind)), ("identifiers", listed(who))]))
                    }))
                }
                ("Condition", V::M(operators)) => {
                    for (operator, keys) in operators {
                        let V::M(keys) = keys else { continue };
                        blocks.extend(keys.iter().map(|(k, v)| {
                            let test = [("test", s(operator)), ("variable", s(k)), ("values", listed(v))];
                            ("condition", m(test))
                        }));
                    }
                }
                ("Sid" | "Effect", _) => arguments.push((name.to_lowercase(), value.clone())),
                ("Action", _) => arguments.push(("actions".to_owned(), listed(value))),
                ("NotAction", _) => arguments.push(("not_actions".to_owned(), listed(value))),
                _ => {
                    // A trust policy has none.
                    arguments.push(("resources".to_owned(), listed(value)));
                }
            }
        }
        (arguments, blocks)
    }

    fn json(&self, value: &V, indent: &str) -> String {
        let deeper = format!("{indent}{}", self.unit);
        match value {
            V::S(text) => format!("{text:?}"),
            V::R(id) if self.language == Language::Json => format!("{{\"Ref\": {id:?}}}"),
            V::R(code) => format!("\"${{{code}}}\""),
            V::L(items) => {
                let parts: Vec<String> = items.iter().map(|i| self.json(i, &deeper)).collect();
                match self.is_short(value) {
                    true => format!("[{}]", parts.join(", ")),
                    false => format!("[\n{deeper}{}\n{indent}]", parts.join(&format!(",\n{deeper}"))),
                }
            }
            V::M(entries) => {
                let parts: Vec<String> =
                    entries.iter().map(|(k, v)| format!("{k:?}: {}", self.json(v, &deeper))).collect();
                match self.is_short(value) {
                    true => format!("{{{}}}", parts.join(", ")),
                    false => format!("{{\n{deeper}{}\n{indent}}}", parts.join(&format!(",\n{deeper}"))),
                }
            }
        }
    }

    fn tf_json(&self, scene: &Scene) -> V {
        let who = scene.who;
        let kind = format!("aws_iam_{who}");
        let mut principal = Vec::new();
        if self.many {
            principal.push(("for_each".to_owned(), V::R("toset([\"one\", \"two\"])".replace('"', "\\\""))));
        }
        principal.push(("name".to_owned(), if self.many { V::R("each.key".into()) } else { s("people") }));
        if scene.trust.is_some() {
            let code = "data.aws_iam_policy_document.trust.json";
            principal.push(("assume_role_policy".to_owned(), V::R(code.into())));
        }
        let it = if self.many { "each.value.name".to_owned() } else { format!("{kind}.people.name") };
        let holder = |rest: Vec<(&str, V)>| {
            let each = self.many.then(|| ("for_each".to_owned(), V::R(format!("{kind}.people"))));
            let rest = rest.into_iter().map(|(k, v)| (k.to_owned(), v));
            V::M(each.into_iter().chain([(who.to_owned(), V::R(it.clone()))]).chain(rest).collect())
        };
        let mut attachments = Vec::new();
        if let Some(arn) = scene.managed {
            attachments.push(("admin".to_owned(), holder(vec![("policy_arn", s(arn))])));
        }
        if scene.gate.is_some() && scene.attached {
            let arn = V::R("aws_iam_policy.gate.arn".into());
            attachments.push(("gate".to_owned(), holder(vec![("policy_arn", arn)])));
        }
        let mut resources = vec![(kind.clone(), m([("people", V::M(principal))]))];
        resources.push((format!("{kind}_policy_attachment"), V::M(attachments)));
        if scene.console {
            resources.push(("aws_iam_user_login_profile".to_owned(), m([("people", holder(Vec::new()))])));
        }
        let mut documents = Vec::new();
        for (label, document) in [("trust", &scene.trust), ("gate", &scene.gate)] {
            let Some(V::M(top)) = document else { continue };
            let Some((_, V::L(statements))) = top.iter().find(|(k, _)| k == "Statement") else { continue };
            let block = |statement: &V| {
                let (mut arguments, blocks) = self.arguments(statement);
                for (name, block) in blocks {
                    arguments.push((name.to_owned(), V::L(vec![block])));
                }
                V::M(arguments)
            };
            let statements = V::L(statements.iter().map(block).collect());
            documents.push((label.to_owned(), m([("statement", statements)])));
        }
        if scene.gate.is_some() {
            let document = V::R("data.aws_iam_policy_document.gate.json".into());
            let policy = m([("gate", m([("name", s("gate")), ("policy", document)]))]);
            resources.push(("aws_iam_policy".to_owned(), policy));
        }
        let mut out = vec![("resource".to_owned(), V::M(resources))];
        if !documents.is_empty() {
            out.push(("data".to_owned(), m([("aws_iam_policy_document", V::M(documents))])));
        }
        V::M(out)
    }

    fn template(&self, scene: &Scene) -> V {
        let mut properties = Vec::new();
        if scene.console {
            let password = s("{{resolve:secretsmanager:people}}");
            properties.push(("LoginProfile".to_owned(), m([("Password", password)])));
        }
        let mut arns: Vec<V> = scene.managed.iter().map(|arn| s(arn)).collect();
        let by_arn = scene.gate.is_some() && scene.attached && !self.long_ref;
        if by_arn {
            arns.push(V::R("Gate".into()));
        }
        if !arns.is_empty() {
            properties.push(("ManagedPolicyArns".to_owned(), V::L(arns)));
        }
        if let Some(trust) = &scene.trust {
            properties.push(("AssumeRolePolicyDocument".to_owned(), trust.clone()));
        }
        let kind = match scene.who {
            "user" => "AWS::IAM::User",
            "group" => "AWS::IAM::Group",
            _ => "AWS::IAM::Role",
        };
        let mut people = vec![("Type".to_owned(), s(kind))];
        if !properties.is_empty() {
            people.push(("Properties".to_owned(), V::M(properties)));
        }
        let mut resources = vec![("People".to_owned(), V::M(people))];
        if let Some(gate) = &scene.gate {
            let mut properties = vec![("PolicyDocument".to_owned(), gate.clone())];
            if scene.attached && !by_arn {
                let holders = if scene.who == "group" { "Groups" } else { "Users" };
                properties.push((holders.to_owned(), V::L(vec![V::R("People".into())])));
            }
            let policy = [("Type", s("AWS::IAM::ManagedPolicy")), ("Properties", V::M(properties))];
            resources.push(("Gate".to_owned(), m(policy)));
        }
        m([("AWSTemplateFormatVersion", s("2010-09-09")), ("Resources", V::M(resources))])
    }

    fn yaml_file(&self, scene: &Scene) -> String {
        let V::M(top) = self.template(scene) else { return String::new() };
        let mut out = self.comment("the head");
        for (name, value) in top {
            out += &self.yaml_entry(&name, &value, "");
        }
        out + &self.comment("the end")
    }

    fn yaml_entry(&self, name: &str, value: &V, indent: &str) -> String {
        let remark = if self.comments && name == "Effect" { "   # keep: the effect" } else { "" };
        match value {
            V::S(_) | V::R(_) => format!("{indent}{name}: {}{remark}\n", self.yaml_scalar(value)),
            V::L(items) if self.inline && items.iter().all(|i| matches!(i, V::S(_))) => {
                let items: Vec<String> = items.iter().map(|i| self.yaml_scalar(i)).collect();
                format!("{indent}{name}: [{}]\n", items.join(", "))
            }
            V::L(items) => {
                let dash = if self.flush { indent.to_owned() } else { format!("{indent}{}", self.unit) };
                let items = items.iter().map(|item| match item {
                    V::M(entries) => {
                        let inner = format!("{dash}  ");
                        let text: String =
                            entries.iter().map(|(k, v)| self.yaml_entry(k, v, &inner)).collect();
                        format!("{dash}- {}", text.trim_start())
                    }
                    _ => format!("{dash}- {}\n", self.yaml_scalar(item)),
                });
                format!("{indent}{name}:\n{}", items.collect::<String>())
            }
            V::M(entries) => {
                let inner = format!("{indent}{}", self.unit);
                let text: String = entries.iter().map(|(k, v)| self.yaml_entry(k, v, &inner)).collect();
                format!("{indent}{name}:\n{text}")
            }
        }
    }

    fn yaml_scalar(&self, value: &V) -> String {
        let q = self.quote;
        match value {
            V::R(id) if self.long_ref => format!("{{Ref: {id}}}"),
            V::R(id) => format!("!Ref {id}"),
            V::S(text)
                if text.chars().all(|c| c.is_ascii_alphanumeric())
                    && !["true", "false"].contains(&text.as_str()) =>
            {
                text.clone()
            }
            V::S(text) => format!("{q}{text}{q}"),
            V::L(_) | V::M(_) => String::new(),
        }
    }
}

fn key(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { name.to_owned() } else { format!("{name:?}") }
}

/// Arguments on lines of their own; those of one line each that are adjacent stand below each other.
fn lines(entries: &[(String, String)], indent: &str) -> String {
    let mut out = String::new();
    let mut rest = entries;
    while let Some((name, value)) = rest.first() {
        let run = rest.iter().take_while(|(_, v)| !v.contains('\n')).count();
        if run == 0 {
            let _ = writeln!(out, "{indent}{name} = {value}");
            rest = &rest[1..];
            continue;
        }
        let width = rest[..run].iter().map(|(n, _)| n.len()).max().unwrap_or(0);
        for (name, value) in &rest[..run] {
            let _ = writeln!(out, "{indent}{name:width$} = {value}");
        }
        rest = &rest[run..];
    }
    out
}
