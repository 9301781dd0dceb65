use super::*;

fn heads(text: &str) -> Vec<String> {
    scan(text).blocks.iter().map(|b| format!("{} {}", b.kind, b.labels.join("."))).collect()
}

#[test]
fn splits_blocks_whatever_stands_in_them() {
    let rows = [
        ("resource \"a\" \"b\" {\n}\n", "resource a.b"),
        ("\u{feff}locals {}\r\nvariable x {\r\n}\r\n", "locals |variable x"),
        (
            "# a {\n// b {\n/* c { \n */ locals {\n # }\n // }\n /* } */\n}\nterraform {}",
            "locals |terraform ",
        ),
        ("locals { a = \"}\" }\nmodule \"m\" {}", "locals |module m"),
        ("locals { a = \"${b ? \"}\" : \"{\"}\" }\nmodule \"m\" {}", "locals |module m"),
        ("locals { a = \"$${\" }\nmodule \"m\" {}", "locals |module m"),
        ("locals { a = \"\\\"}\" }\nmodule \"m\" {}", "locals |module m"),
        ("locals {\n a = <<E\n } \" ${\nE\n}\nmodule \"m\" {}", "locals |module m"),
        ("locals {\r\n a = <<-E\r\n  }\r\n  E\r\n}\r\nmodule \"m\" {}", "locals |module m"),
        ("locals { a = 1 < 2 }\nmodule \"m\" {}", "locals |module m"),
        ("locals { a = \"never closed\n}\nmodule \"m\" {}", "locals |module m"),
        ("x = 1\nmodule \"m\" {}", "module m"),
        ("x = [\"{\", {\n a = 1 }]\nmodule \"m\" {}", "module m"),
        ("}\nmodule \"m\" {}", "module m"),
        ("", ""),
    ];
    for (text, expected) in rows {
        assert_eq!(heads(text).join("|"), expected, "{text:?}");
    }
}

#[test]
fn a_block_that_never_ends_loses_only_itself() {
    let s = scan("locals {}\nresource \"a\" \"b\" {\n x = {\n}\nmodule \"m\" {\n}\n");
    let read: Vec<_> = s.blocks.iter().map(|b| (b.kind, b.span.clone())).collect();
    assert_eq!(read, [("locals", 0..9), ("resource", 10..38), ("module", 38..52)]);
    assert_eq!(s.lost.len(), 1);
    assert_eq!(s.lost[0].span, 10..27);
}

#[test]
fn ranges_are_those_of_the_text() {
    let text = "  data \"x\" \"y\" {\n a = 1\n}  # end\n";
    let b = &scan(text).blocks[0];
    assert_eq!(&text[b.span.clone()], "data \"x\" \"y\" {\n a = 1\n}");
    assert_eq!(&text[b.header.clone()], "data \"x\" \"y\" ");
}

#[test]
fn comments_are_what_is_neither_code_nor_text() {
    let text = "a = \"# no ${\"// no\"}\" # one\nb = <<E\n# no\nE\n/* two\n */ c = 1 / 2 // three\r\n/* open";
    let found: Vec<_> = comments(text).into_iter().map(|r| text[r].trim_end()).collect();
    assert_eq!(found, ["# one", "/* two\n */", "// three", "/* open"]);
}

#[test]
fn finds_items_of_an_object() {
    let text = "{ a = { x = 1, y = 2 }, b = [1,\n2]\n c = \"${f(1, 2)},\" }";
    let mut items = Vec::new();
    let mut from = enclosing_brace(text, text.len() - 2).unwrap() + 1;
    while let Some(start) = next_item(text, from) {
        from = item_end(text, start);
        items.push(text[start..from].trim());
    }
    assert_eq!(items, ["a = { x = 1, y = 2 }", "b = [1,\n2]", "c = \"${f(1, 2)},\""]);
}
