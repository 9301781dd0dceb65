//! Behaviour of the frontend as a whole.
