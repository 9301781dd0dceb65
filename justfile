# What is done every day. `just` lists it.

_default:
    @just --list

# Fast build, without the AWS SDK
build:
    cargo build --no-default-features

# All tests that need no AWS
test:
    cargo test --no-default-features

# Format, lints, documentation
lint:
    cargo fmt --check
    cargo clippy --all-targets --no-default-features -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --no-default-features

# Rewrite the generated files and snapshots, to be reviewed in the diff
update:
    UPDATE=1 INSTA_UPDATE=always cargo test --no-default-features

# The report on the demo
demo:
    cargo run --no-default-features -- check testdata/demo --exit-zero

# How fast it is, part by part; `just bench parse` for some
bench *filter:
    cargo bench --no-default-features --bench speed -- {{filter}}

# Feed a target of fuzz/ what it has not seen yet, for some seconds
fuzz target seconds="300":
    FUZZ_CORPUS=fuzz/corpus cargo test --no-default-features --test fuzz {{target}}
    cargo +nightly fuzz run {{target}} -- -max_total_time={{seconds}}

# Change a file of src/policy or src/analysis in every way that cargo-mutants knows: what does no test notice?
mutants file:
    PROPTEST_DISABLE_FAILURE_PERSISTENCE=true PROPTEST_MAX_SHRINK_ITERS=0 cargo mutants --file {{file}}

# Licences, advisories, bans
deny:
    cargo deny check

# Everything that continuous integration runs
ci:
    .ci/run
