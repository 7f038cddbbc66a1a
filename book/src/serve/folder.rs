//! The files of one folder, and none besides.
//!
//! `ServeDir` refuses `..` in an address, but follows a symbolic link wherever it leads.

use std::fs::Metadata;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use tower_http::services::ServeDir;
use tower_http::services::fs::{Backend, DefaultServeDirFallback, TokioBackend, TokioFile};

/// Serves the files in `folder`.
pub(super) fn service(folder: PathBuf) -> ServeDir<DefaultServeDirFallback, Within> {
    ServeDir::with_backend(folder.clone(), Within { folder })
}

/// A file system that ends at a folder's border: what really stands elsewhere is not there.
#[derive(Debug, Clone)]
pub(super) struct Within {
    folder: PathBuf,
}

type Later<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

impl Backend for Within {
    type File = TokioFile;
    type Metadata = Metadata;
    type OpenFuture = Later<TokioFile>;
    type MetadataFuture = Later<Metadata>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        let folder = self.folder.clone();
        Box::pin(async move { TokioBackend.open(inside(&folder, &path).await?).await })
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        let folder = self.folder.clone();
        Box::pin(async move { TokioBackend.metadata(inside(&folder, &path).await?).await })
    }
}

/// Where the file really stands. Asked anew each time: a build puts another folder in this place.
async fn inside(folder: &Path, path: &Path) -> io::Result<PathBuf> {
    let folder = tokio::fs::canonicalize(folder).await?;
    let path = tokio::fs::canonicalize(path).await?;
    if path.starts_with(&folder) {
        Ok(path)
    } else {
        Err(io::ErrorKind::NotFound.into())
    }
}
