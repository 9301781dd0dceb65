//! Every judgement about principals, each answer with its evidence.

pub mod verdict;
