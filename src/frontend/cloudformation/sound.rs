//! Whether a template is certainly read without a word, told without a tree of it, at a fraction of the cost.
//!
//! JSON is read and let go. Of YAML only what most templates are written in is known here: blocks of maps and sequences,
//! strings and brackets that end on their line, text over several lines. Whatever else there is, and every mistake, is
//! for the parser: [`is_sound`] is wrong only on that side.

mod flow;
mod json;
mod yaml;

use std::borrow::Cow;

use crate::limits;

/// True when the text of a template is read without a diagnostic: its syntax is right, no key stands twice in a map, and
/// no limit is near.
pub fn is_sound(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Every value takes a byte.
    if text.len() > limits::JSON_VALUES {
        return false;
    }
    if text.trim_ascii_start().starts_with('{') { json::is_sound(text) } else { yaml::is_sound(text) }
}

/// The keys of the maps that are open, the innermost last.
#[derive(Default)]
struct Keys<'t>(Vec<Cow<'t, str>>);

impl<'t> Keys<'t> {
    /// Adds a key to the map that begins at `first`. `None` when it is there already, or when there are too many to look
    /// at each.
    fn add(&mut self, first: usize, key: Cow<'t, str>) -> Option<()> {
        const MOST: usize = 1 << 10;
        let of_map = self.0.get(first..)?;
        if of_map.len() == MOST || of_map.contains(&key) {
            return None;
        }
        self.0.push(key);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::frontend::cloudformation::tree::Builder;
    use crate::source::SourceMap;

    /// Whether the real reader has nothing to say.
    fn is_read(text: &str) -> bool {
        let source = SourceMap::new().add("t.yaml", "t.yaml", text);
        let mut builder = Builder::default();
        let read = crate::frontend::cloudformation::read(&source, &mut builder);
        read.is_ok() && builder.diagnostics.is_empty()
    }

    const TEMPLATE: &str = r#"---
# A queue and its function
AWSTemplateFormatVersion: "2010-09-09"
Description: >-
  What it is
    for

Parameters:
  Env: { Type: String, Default: dev, AllowedValues: [dev, "prod", 'it''s'] }
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  'Queue':
    Type: AWS::SQS::Queue
    Condition: IsProd
    Properties:
      QueueName: !Sub '${Env}-queue' # its name
      Tags:
      - Key: a:b
        Value: !If
          - IsProd
          - !GetAtt Other.Arn
          - Fn::Join: ["-", [a, b]]
      -
        Key: plain
          over lines
        Value: "say \"hi\"\n"
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Timeout: -1
      Code:
        ZipFile: |
          def f(x):
              return {"a": [x]}

          # end
Outputs:
  Name:
    Value: !Ref Queue
"#;

    const JSON: &str = r#"{"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"Delay": 1.5e1, "Tags":
        [{"Key": "a\n\u00e9", "Value": null}, {"Key": "b", "Value": true}]}}}}"#;

    #[test]
    fn what_most_templates_are_written_in_is_known() {
        for text in [TEMPLATE, JSON, &TEMPLATE.replace('\n', "\r\n"), &format!("\u{feff}{JSON}")] {
            assert!(is_sound(text) && is_read(text), "{text}");
        }
    }

    #[test]
    fn a_mistake_is_for_the_parser() {
        for (right, wrong) in [
            ("    Condition: IsProd", "   Condition: IsProd"),
            ("    Condition: IsProd", "\tCondition: IsProd"),
            ("[dev, \"prod\"", "[dev, \"prod"),
            ("[!Ref Env, prod]", "[!Ref Env, prod"),
            ("[!Ref Env, prod]", "[!Ref Env, prod]]"),
            ("Condition: IsProd", "Type: IsProd"),
            ("  Function:", "  \"Queue\":"),
            ("Default: dev", "Type: dev"),
            ("- IsProd", "- IsProd: a: b"),
            ("# its name", "# its name\n        more: 1"),
            ("plain\n", "plain # why\n"),
            ("Value: !Ref Queue", "Value: 'Queue"),
            ("Timeout: -1", "Timeout: *one"),
            ("Timeout: -1", "Timeout: @one"),
        ] {
            let text = TEMPLATE.replace(right, wrong);
            assert_ne!(text, TEMPLATE, "{right}");
            assert!(!is_sound(&text), "{wrong}\n{text}");
        }
        for (right, wrong) in [
            ("\"Q\": {", "\"Q\": "),
            ("\"Value\": null", "\"Key\": null"),
            ("true", "true,"),
            ("\\n", "\\q"),
            ("1.5e1", "01"),
            ("{\"Resources\"", "{} {\"Resources\""),
        ] {
            let text = JSON.replace(right, wrong);
            assert_ne!(text, JSON, "{right}");
            assert!(!is_sound(&text), "{text}");
        }
    }

    proptest! {
        /// What is called sound is read: any template after any few changes.
        #[test]
        fn what_is_sound_is_read(changes in prop::collection::vec((any::<prop::sample::Index>(), 0usize..3, 0usize..6, 0usize..PIECES.len()), 1..5), json in any::<bool>()) {
            let mut text = if json { JSON } else { TEMPLATE }.to_owned();
            for (at, how, length, piece) in changes {
                let from = at.index(text.len());
                // Cut, put in, or both.
                let to = if how == 1 { from } else { (from + length).min(text.len()) };
                let piece = if how == 0 { "" } else { PIECES[piece] };
                if text.is_char_boundary(from) && text.is_char_boundary(to) {
                    text.replace_range(from..to, piece);
                }
            }
            prop_assert!(!is_sound(&text) || is_read(&text), "{text}");
        }

        /// And any text that is put together of what YAML gives a meaning to.
        #[test]
        fn what_is_put_together_and_sound_is_read(pieces in prop::collection::vec(0usize..PIECES.len(), 1..24)) {
            let text: String = pieces.into_iter().map(|i| PIECES[i]).collect();
            prop_assert!(!is_sound(&text) || is_read(&text), "{text}");
        }
    }

    const PIECES: &[&str] = &[
        "a: ",
        "b: 1",
        "\n",
        "\n  ",
        "\n    ",
        "\n\n",
        "- ",
        "-",
        ":",
        ": ",
        "#",
        " # ",
        "|",
        "|-\n",
        ">\n   ",
        "\"",
        "'",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "!Sub ",
        "!If",
        "!",
        "&x ",
        "*x",
        "? ",
        "---\n",
        "...",
        "%",
        "@",
        "`",
        " ",
        "  ",
        "a",
        "b",
        "\\",
        "\\n",
        "\t",
        "\r",
        "<<: ",
        "é",
        "\u{85}",
        "\u{2028}",
        "Type: x\n",
        "null",
        "~",
        "''",
        "\"\"",
        "[]",
        "{}",
        "[a, b]",
        "{a: 1}",
        "x y",
        "//",
        "http://x",
        "$",
        "=",
        "1",
    ];
}
