//! Plans and states on their own; the whole pipeline is in `tests/recorded.rs`.

use super::*;
