//! Data sources that need nothing but the configuration.

use crate::frontend::terraform::eval::{self, Code, Locals, Scope as _};
use crate::frontend::terraform::module::Ctx;
use crate::frontend::terraform::refs::Site;
use crate::frontend::terraform::world::World;
use crate::value::{Kind, Text, Value};

/// `local_file`: `content`.
pub(super) fn file(world: &mut World<'_>, site: &Site, attribute: &str) -> Option<Value> {
    if attribute != "content" {
        return None;
    }
    let name = world.argument(site, "filename");
    let span = site.def.span;
    let mut ctx = Ctx { world, module: site.module };
    Some(match ctx.read_file(name.as_str()?, span) {
        Ok(source) => Value::text(Text::at(source.text().as_ref(), source.span(), true), Some(span)),
        Err(why) => Value::new(Kind::Unknown(why), Some(span)),
    })
}

/// `template_file`: `rendered`, the text of `template` with `vars` filled in.
pub(super) fn template(world: &mut World<'_>, site: &Site, attribute: &str) -> Option<Value> {
    if attribute != "rendered" {
        return None;
    }
    let template = world.argument(site, "template");
    let vars = world.argument(site, "vars");
    let text = match &template.kind {
        Kind::String(t) => t.known()?.to_owned(),
        _ => return None,
    };
    let mut locals = Locals::default();
    match &vars.kind {
        Kind::Map(m) => {
            for (name, entry) in m.iter() {
                locals = locals.bind(std::sync::Arc::clone(name), entry.value.clone());
            }
        }
        Kind::Null => {}
        _ => return None,
    }
    let at = match &template.kind {
        Kind::String(t) => t.span_of(0, text.len()).unwrap_or(site.def.span),
        _ => site.def.span,
    };
    let source = world.loader.source(at)?;
    let code = Code { source: &source, base: at.start as usize };
    Some(eval::eval_template(&text, code, &mut Ctx { world, module: site.module }, &locals))
}

/// `null_data_source`: `outputs` are its `inputs`.
pub(super) fn outputs(world: &mut World<'_>, site: &Site, attribute: &str) -> Option<Value> {
    (attribute == "outputs").then(|| world.argument(site, "inputs"))
}
