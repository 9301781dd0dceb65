//! Fixes: what they write, and that they write nothing else.

#[cfg(test)]
mod binary;
#[cfg(test)]
mod make;
#[cfg(test)]
mod review;

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use rayon::prelude::*;
    use similar::{ChangeTag, TextDiff};

    use super::make::{Dice, Sample, samples};
    use mfaguard::finding::{Certainty, Finding};
    use mfaguard::fix::{self, Mended};
    use mfaguard::fs::MemFs;
    use mfaguard::scan::{self, Outcome, Request};
    use mfaguard::source::SourceMap;

    fn request(path: &str, text: &str) -> Request {
        Request::new(vec![PathBuf::from(".")], Arc::new(MemFs::new().with(path, text)))
    }

    fn check(path: &str, text: &str) -> Outcome {
        scan::check(&request(path, text), &SourceMap::new())
    }

    fn mend(path: &str, text: &str) -> Mended {
        fix::mend(&request(path, text), |_| true)
    }

    /// Rules whose findings all have a fix in the samples.
    fn has_fix(finding: &Finding) -> bool {
        let fixed = [
            "MFA001", "MFA002", "MFA003", "MFA004", "MFA005", "MFA006", "MFA101", "MFA102", "MFA104",
            "MFA106",
        ];
        fixed.contains(&finding.rule.code) && finding.certainty == Certainty::Proven
    }

    fn told(outcome: &Outcome) -> Vec<String> {
        outcome.findings.iter().map(|(_, f)| format!("{} {} {}", f.rule.code, f.subject, f.message)).collect()
    }

    /// What is wrong with what became of a sample.
    fn judged(sample: &Sample) -> Result<String, String> {
        let Sample { file, text, .. } = sample;
        let before = check(file, text);
        if !before.findings.iter().any(|(_, f)| has_fix(f)) || !before.diagnostics.is_empty() {
            return Err(format!("nothing to fix: {:?} {:?}", told(&before), before.diagnostics));
        }
        let mended = mend(file, text);
        let [rewritten] = mended.files.as_slice() else {
            return Err(format!("not fixed: {:?}", told(&before)));
        };
        let new = &*rewritten.new;
        let after = check(file, new);
        if after.findings.iter().any(|(_, f)| has_fix(f)) || !after.diagnostics.is_empty() {
            return Err(format!("left: {:?} {:?}\n{new}", told(&after), after.diagnostics));
        }
        if !mend(file, new).files.is_empty() {
            return Err(format!("a second time changes it again\n{new}"));
        }
        style(text, new)?;
        parses(file, new)?;
        Ok(new.to_owned())
    }

    /// Line ends stay what they are, comments stay, and a line goes only for one that says the same in its place.
    fn style(old: &str, new: &str) -> Result<(), String> {
        let crlf = |t: &str| (t.matches("\r\n").count(), t.matches('\n').count());
        let ((old_crlf, old_lf), (new_crlf, new_lf)) = (crlf(old), crlf(new));
        if old_crlf == old_lf && new_crlf != new_lf || old_crlf == 0 && new_crlf != 0 {
            return Err(format!("line ends are mixed\n{new:?}"));
        }
        let kept = |t: &str| t.matches("keep:").count();
        if kept(old) != kept(new) {
            return Err(format!("a comment is gone\n{new}"));
        }
        let letters = |line: &str| line.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let diff = TextDiff::from_lines(old, new);
        let of = |tag| diff.iter_all_changes().filter(move |c| c.tag() == tag).map(|c| c.to_string());
        let added: Vec<String> = of(ChangeTag::Insert).map(|l| letters(&l)).collect();
        let faulty = ["Bool", "MultiFactor", "true", "false", "iam:*", "NotAction", "not_actions", "sts:"];
        for line in of(ChangeTag::Delete) {
            let is_moved = added.iter().any(|a| a.contains(&letters(&line)));
            if !is_moved && !faulty.iter().any(|w| line.contains(w)) {
                return Err(format!("a line is gone that has nothing to do with it: {line}\n{new}"));
            }
        }
        Ok(())
    }

    fn parses(file: &str, text: &str) -> Result<(), String> {
        let result = match Path::new(file).extension().and_then(|e| e.to_str()) {
            Some("tf") => hcl_edit::parser::parse_body(text).map(|_| ()).map_err(|e| e.to_string()),
            Some("json") => {
                serde_json::from_str::<serde_json::Value>(text).map(|_| ()).map_err(|e| e.to_string())
            }
            _ => Ok(()),
        };
        result.map_err(|e| format!("{e}\n{text}"))
    }

    /// The files are left for `.ci/fix-check`, which asks `hclwrite` and `cfn-lint` about them.
    #[test]
    fn nothing_fixable_is_left_of_generated_files() {
        let samples = samples(2);
        assert!(samples.len() >= 100, "{}", samples.len());
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fix");
        let _ = std::fs::remove_dir_all(&dir);
        let wrong: Vec<String> = samples
            .par_iter()
            .filter_map(|sample| {
                let judged = judged(sample);
                let after = judged.as_deref().unwrap_or(&sample.text);
                for (kind, text) in [("before", sample.text.as_str()), ("after", after)] {
                    let home = dir.join(kind).join(&sample.name);
                    std::fs::create_dir_all(&home).unwrap();
                    std::fs::write(home.join(sample.file), text).unwrap();
                }
                judged.err().map(|e| format!("{}: {e}", sample.name))
            })
            .collect();
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), samples.len(), wrong.join("\n\n"));
    }

    /// Each takes part in one gate, which is tried once and not once for each.
    #[test]
    fn many_share_one_gate() {
        let user = |n: usize| {
            format!(
                "  User{n}:\n    Type: AWS::IAM::User\n    Properties:\n      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]\n"
            )
        };
        let template = format!("Resources:\n{}", (0..40).map(user).collect::<String>());
        let mended = mend("t.yaml", &template);
        assert_eq!((mended.found, mended.fixed, mended.incomplete), (40, 40, false));
        let new = &*mended.files[0].new;
        assert_eq!(new.matches("AWS::IAM::ManagedPolicy").count(), 1);
        assert_eq!(new.matches("AdministratorAccess, !Ref RequireMfa]").count(), 40);
    }

    /// A fix of one finding is offered where it stands, and none for what has none.
    #[test]
    fn fixes_are_offered_one_by_one() {
        let statement = "      { Effect = \"Allow\", Action = \"s3:*\", Resource = \"*\", Condition = { Bool = { \"aws:MultiFactorAuthPresent\" = \"false\" } } },\n";
        let policy = |statements: &str| {
            format!(
                "resource \"aws_iam_policy\" \"p\" {{\n  name = \"p\"\n  policy = jsonencode({{\n    Statement = [\n{statements}    ]\n  }})\n}}\n"
            )
        };
        let text = policy(&statement.repeat(2));
        let (request, sources) = (request("main.tf", &text), SourceMap::new());
        let outcome = scan::check(&request, &sources);
        let fixes = fix::offers(&request, &sources, &outcome, &outcome.findings);
        let mut places = Vec::new();
        for ((_, finding), fix) in outcome.findings.iter().zip(&fixes) {
            let Some(fix) = fix else { continue };
            let at = |span| sources.locate(span).unwrap();
            for edit in &fix.edits {
                assert_eq!(at(edit.span).line, at(finding.span).line, "{fix:?}");
            }
            places.push(at(finding.span).line);
        }
        places.sort();
        assert_eq!(places, [5, 6], "{:?}", told(&outcome));
        // Either alone would leave nothing: one denies without MFA, the other with it.
        let gate = statement.replace("Allow", "Deny").replace("false", "true");
        let text = policy(&gate.repeat(2).replace(
            "Action = \"s3:*\"",
            "NotAction = [\"iam:CreateVirtualMFADevice\", \"iam:EnableMFADevice\"]",
        ));
        let (request, sources) = (self::request("main.tf", &text), SourceMap::new());
        let outcome = scan::check(&request, &sources);
        assert_eq!(fix::offers(&request, &sources, &outcome, &outcome.findings), [None, None]);
        assert_eq!(mend("main.tf", &text).fixed, 2);
    }

    /// Whatever is left of a file, what is fixed of it can be read as well as before.
    #[test]
    fn damaged_files_are_not_damaged_more() {
        let samples = samples(4);
        samples.par_iter().enumerate().for_each(|(n, sample)| {
            let mut dice = Dice::new(n as u64 + 7);
            let chars: Vec<char> = sample.text.chars().collect();
            let start = dice.below(chars.len() as u64) as usize;
            let end = (start + 1 + dice.below(30) as usize).min(chars.len());
            let with = ["", "\"", "{", "]", "\n", "${x}", "é🔑", "# "][dice.below(8) as usize];
            let text: String =
                chars[..start].iter().collect::<String>() + with + &chars[end..].iter().collect::<String>();
            for file in mend(sample.file, &text).files {
                let (before, after) = (check(sample.file, &text), check(sample.file, &file.new));
                let problems = |o: &Outcome| o.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>();
                assert_eq!(problems(&after), problems(&before), "{}\n{}", sample.name, file.new);
            }
        });
    }
}
