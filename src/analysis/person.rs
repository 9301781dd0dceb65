//! Users and groups: what their policies allow with and without MFA.

use super::combine::{Answers, combine, unknown_parts};
use super::effective::{Held, Holdings, holdings};
use super::verdict::{Enforcement, Evidence, Open};
use super::world::worlds;
use super::{Judged, Proof};
use crate::iam::facts::PrincipalKind;
use crate::iam::model::{IamModel, Principal, PrincipalId};
use crate::tri::Tri;
