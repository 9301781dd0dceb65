//! Files that the user named, outside of the jail: reports, snapshots, data sets.

use std::collections::BTreeMap;
use std::path::Path;

/// Opens a file that the user named and that may be larger than one of the project.
pub fn open(path: &Path) -> std::io::Result<std::io::BufReader<std::fs::File>> {
    std::fs::File::open(path).map(std::io::BufReader::new)
}

/// Opens a file that the user named, to write a report to it; what was there is replaced.
pub fn create(path: &Path) -> std::io::Result<std::fs::File> {
    std::fs::File::create(path)
}

/// Writes a file that the user named; what was there is replaced.
pub fn save(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::write(path, bytes)
}

/// Writes the files of a directory that the user named, readable by their owner only. What was there under this name is
/// replaced as a whole: a reader never sees a part of it.
pub fn save_dir(dir: &Path, files: &BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
    let above = dir.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_private(above)?;
    // Beside it, so that it only has to be renamed. Readable by its owner only; what stays in it is removed.
    let beside = tempfile::Builder::new().prefix(".mfaguard").tempdir_in(above)?;
    let (new, old) = (beside.path().join("new"), beside.path().join("old"));
    create_private(&new)?;
    files.iter().try_for_each(|(name, bytes)| save_private(&new.join(name), bytes))?;
    match std::fs::rename(dir, &old) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
        Ok(()) | Err(_) => {}
    }
    std::fs::rename(&new, dir)
}

#[cfg(unix)]
fn create_private(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(not(unix))]
fn create_private(dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)
}

fn save_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

/// Writes a file below directories that may not be there yet. Nobody sees it before it is whole.
pub fn replace<E: From<std::io::Error>>(
    path: &Path,
    write: impl FnOnce(std::fs::File) -> Result<(), E>,
) -> Result<(), E> {
    let Some((parent, name)) = path.parent().zip(path.file_name()) else {
        return Err(std::io::Error::from(std::io::ErrorKind::InvalidInput).into());
    };
    std::fs::create_dir_all(parent)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    let partial = parent.join(hidden);
    write(std::fs::File::create(&partial)?)?;
    Ok(std::fs::rename(&partial, path)?)
}

/// Writes another text to a file of the project. It keeps its permissions, and nobody sees it before it is whole. A file
/// that does not hold `old` any more is left alone.
pub fn rewrite(path: &Path, old: &str, new: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    // Of a link the file that it leads to is written.
    let real = path.canonicalize()?;
    if std::fs::read(&real)? != old.as_bytes() {
        return Err(std::io::Error::other("it was changed by somebody else in the meantime"));
    }
    let dir = real.parent().unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new().prefix(".mfaguard").tempfile_in(dir)?;
    beside.write_all(new.as_bytes())?;
    beside.as_file().set_permissions(std::fs::metadata(&real)?.permissions())?;
    beside.persist(&real).map_err(|e| e.error)?;
    Ok(())
}
