//! The members of the community: institutions, insurers, employers, operators. One file each in the data directory,
//! `members/ID.toml`, with what happened to it; what it is follows from that (docs/decisions/0057-members.md).

mod due;
mod id;
mod kind;
mod life;
mod member;
mod refused;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use due::REMIND_DAYS;
pub(crate) use due::{Due, Reviews};
pub(crate) use id::{MemberId, NotAMemberId};
#[cfg(test)]
pub(crate) use kind::Numbering;
pub(crate) use kind::{Kind, NotAKind, WrongNumber};
#[cfg(test)]
pub(crate) use life::STEPS;
pub(crate) use life::{Deed, State, Words, words};
pub(crate) use member::{About, Event, Member, is_same};
pub(crate) use refused::Refused;

use crate::files;
use chrono::Utc;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest file that is read.
const LONGEST: u64 = 4 << 20;
/// How often is told which reviews are due.
const DAY: Duration = Duration::from_secs(86_400);

/// The folder `members` of a data directory.
#[derive(Clone, Debug)]
pub(crate) struct Members {
    dir: PathBuf,
}

/// All members that could be read, in the order of their ids, and why others could not.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) members: Vec<Member>,
    pub(crate) broken: Vec<Refused>,
}

/// The members while nobody else changes them.
#[derive(Debug)]
pub(crate) struct Held {
    members: Members,
    _lock: File,
}

impl Members {
    /// Those of a data directory; the folder is made when there is a first one.
    pub(crate) fn of(data_dir: &Path) -> Self {
        Self { dir: data_dir.join("members") }
    }

    /// Reads every file.
    pub(crate) fn read(&self) -> Result<Read, Refused> {
        let mut read = Read::default();
        for path in self.paths()? {
            match member(&path) {
                Ok(member) => read.members.push(member),
                // Nobody removes one; whoever did it by hand meanwhile did not mean to be told so here.
                Err(Refused::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => {}
                Err(broken) => read.broken.push(broken),
            }
        }
        Ok(read)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> Result<bool, Refused> {
        Ok(self.paths()?.is_empty())
    }

    /// The member of this id.
    pub(crate) fn get(&self, id: &MemberId) -> Result<Member, Refused> {
        let path = self.path(id);
        match path.exists() {
            true => member(&path),
            false => Err(Refused::Unknown(id.clone())),
        }
    }

    /// Whose each node is. As long as a file cannot be read, that cannot be told.
    pub(crate) fn owners(&self) -> Result<HashMap<String, MemberId>, Refused> {
        let Read { members, broken } = self.read()?;
        if let Some(broken) = broken.into_iter().next() {
            return Err(broken);
        }
        let of = |member: &Member| {
            let nodes = member.nodes().into_iter();
            nodes.map(|node| (node.to_owned(), member.id.clone())).collect::<Vec<_>>()
        };
        Ok(members.iter().flat_map(of).collect())
    }

    /// Keeps others from changing them until the value is dropped.
    pub(crate) fn hold(&self) -> Result<Held, Refused> {
        files::private_dir(&self.dir).map_err(|error| at(&self.dir, error))?;
        let path = self.dir.join(".lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(|error| at(&path, error))?;
        lock.lock().map_err(|error| at(&path, error))?;
        Ok(Held { members: self.clone(), _lock: lock })
    }

    /// How many reviews are due, by a period in months; the log says so, too. Whoever is a member is not needed to serve:
    /// what cannot be read stops nobody.
    pub(crate) fn told(&self, months: u32) -> Reviews {
        let reviews = match self.read() {
            Ok(Read { members, broken }) => {
                Reviews { unreadable: broken.len(), ..Reviews::of(&members, months, Utc::now()) }
            }
            Err(error) => {
                tracing::error!(%error, "members cannot be read");
                Reviews::default()
            }
        };
        reviews.log();
        reviews
    }

    /// Tells it again every day, for ever.
    pub(crate) async fn watch(self, months: u32) {
        loop {
            tokio::time::sleep(DAY).await;
            let members = self.clone();
            if tokio::task::spawn_blocking(move || members.told(months)).await.is_err() {
                tracing::error!("members could not be looked at");
            }
        }
    }

    fn path(&self, id: &MemberId) -> PathBuf {
        self.dir.join(format!("{id}.toml"))
    }

    fn paths(&self) -> Result<Vec<PathBuf>, Refused> {
        let entries = match std::fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(at(&self.dir, error)),
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| at(&self.dir, error))?.path();
            let hidden = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
            if !hidden && path.extension().is_some_and(|e| e == "toml") {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }
}

impl Held {
    /// The same, for looking.
    pub(crate) fn members(&self) -> &Members {
        &self.members
    }

    /// Whether a new member may be entered: an id is given once, its number is one, and whom it belongs to is there.
    pub(crate) fn permits(&self, member: &Member) -> Result<(), Refused> {
        let about = &member.about;
        about.kind.checked(about.number.as_deref())?;
        if self.members.path(&member.id).exists() {
            return Err(Refused::Taken(member.id.clone()));
        }
        match about.parent.as_deref().map(str::parse::<MemberId>) {
            None => Ok(()),
            Some(Ok(parent)) => self.members.get(&parent).map(drop),
            Some(Err(wrong)) => {
                let path = self.members.path(&member.id);
                Err(Refused::Broken { path, reason: wrong.to_string() })
            }
        }
    }

    /// Writes a member: whole, or not at all.
    pub(crate) fn put(&self, member: &Member) -> Result<(), Refused> {
        let path = self.members.path(&member.id);
        let text = toml::to_string(&member.about)
            .map_err(|e| Refused::Broken { path: path.clone(), reason: e.to_string() })?;
        files::write_private(&path, text.as_bytes()).map_err(|error| at(&path, error))
    }
}

fn member(path: &Path) -> Result<Member, Refused> {
    let broken = |reason: String| Refused::Broken { path: path.to_owned(), reason };
    let stem = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let id: MemberId = stem.parse().map_err(|e: NotAMemberId| broken(e.to_string()))?;
    let length = std::fs::metadata(path).map_err(|error| at(path, error))?.len();
    if length > LONGEST {
        return Err(broken(format!("長すぎます / too long ({length} > {LONGEST})")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| at(path, error))?;
    let about: About = toml::from_str(&text).map_err(|e| broken(e.message().to_owned()))?;
    if about.history.is_empty() {
        return Err(broken("履歴がありません / it has no history".to_owned()));
    }
    Ok(Member { id, about })
}

fn at(path: &Path, error: io::Error) -> Refused {
    Refused::Io { path: path.to_owned(), error }
}
