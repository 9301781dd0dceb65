//! A language server: findings, verdicts and what can be done about them, in any editor.
//!
//! The texts that are open lie over the disk (`fs::overlay`) and go through the same pipeline as on the command line.
//! One thread reads messages, one analyses, and one owns all state and answers; an analysis that is under way takes no
//! edit, so that all edits that come in its time make one further analysis. What it says is kept with its places, file by
//! file (`results`), and shown where these places are in the texts as they are now (`view`).

mod actions;
mod analyse;
mod answers;
mod client;
mod documents;
mod fixes;
mod hover;
mod position;
mod publish;
mod results;
mod server;
mod transport;
mod view;

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::{Arc, mpsc};

use crate::scan;

/// What is to be analysed of a folder: the configuration that holds there is in it. An error says what is wrong with
/// that.
pub type Requests = dyn Fn(&Path) -> Result<scan::Request, String> + Send + Sync;

/// Serves an editor until it says `exit`, or goes away. Says whether it said `shutdown` before.
///
/// # Errors
/// When nothing can be written to the editor.
pub fn serve(
    input: impl BufRead + Send + 'static,
    output: &mut dyn Write,
    requests: Arc<Requests>,
) -> io::Result<bool> {
    let (sender, events) = mpsc::channel();
    let messages = sender.clone();
    std::thread::Builder::new().spawn(move || read_all(input, &messages))?;
    server::Server::new(output, requests, sender).run(&events)
}

/// Hands on what comes in, to its end.
fn read_all(mut input: impl BufRead, messages: &mpsc::Sender<server::Event>) {
    while let Ok(Some(message)) = transport::read(&mut input) {
        if messages.send(server::Event::Message(message)).is_err() {
            return;
        }
    }
    // When nobody listens it is over as well.
    let _ = messages.send(server::Event::Closed);
}
