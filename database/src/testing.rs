//! Databases for tests: a SQLite file in a directory of its own, and PostgreSQL where there is one.

use crate::url::DatabaseUrl;
use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// The environment variable with the URL of a PostgreSQL server on which the tests may create
/// databases.
pub const POSTGRES: &str = "RENKEI_TEST_POSTGRES";

static NEXT: AtomicU32 = AtomicU32::new(0);

/// An empty database that goes away when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    url: DatabaseUrl,
    remains: Remains,
}

#[derive(Debug)]
enum Remains {
    Directory(PathBuf),
    Database { server: String, name: String },
}

impl TestDatabase {
    /// SQLite, and PostgreSQL when [`POSTGRES`] is set.
    ///
    /// # Errors
    /// A text when the directory or the database cannot be made.
    pub fn each() -> Result<Vec<Self>, String> {
        let mut all = vec![Self::sqlite()?];
        match std::env::var(POSTGRES) {
            Ok(server) => all.push(Self::postgres(&server)?),
            Err(_) => tracing::info!("{POSTGRES} is not set: SQLite only"),
        }
        Ok(all)
    }

    /// A SQLite database in a new temporary directory.
    ///
    /// # Errors
    /// A text when the directory cannot be made.
    pub fn sqlite() -> Result<Self, String> {
        let dir = std::env::temp_dir().join(unique_name());
        std::fs::create_dir(&dir).map_err(|e| e.to_string())?;
        let url = DatabaseUrl::Sqlite(dir.join("test.db"));
        Ok(Self { url, remains: Remains::Directory(dir) })
    }

    /// A new database on the PostgreSQL server behind the URL `server`.
    ///
    /// # Errors
    /// A text when the server does not let us.
    pub fn postgres(server: &str) -> Result<Self, String> {
        let name = unique_name();
        run_on_server(
            server,
            &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"),
        )?;
        let mut url = ::url::Url::parse(server).map_err(|e| e.to_string())?;
        url.set_path(&name);
        let url = DatabaseUrl::Postgres(url.to_string());
        Ok(Self { url, remains: Remains::Database { server: server.to_owned(), name } })
    }

    /// Where it is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let gone = match &self.remains {
            Remains::Directory(dir) => std::fs::remove_dir_all(dir).map_err(|e| e.to_string()),
            Remains::Database { server, name } => {
                run_on_server(server, &format!("DROP DATABASE {name} WITH (FORCE)"))
            }
        };
        if let Err(reason) = gone {
            tracing::warn!(reason, "a test database stays behind");
        }
    }
}

fn unique_name() -> String {
    let time = std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_micros());
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("renkei_test_{}_{time}_{n}", std::process::id())
}

fn run_on_server(server: &str, statement: &str) -> Result<(), String> {
    let mut c = PgConnection::establish(server).map_err(|e| e.to_string())?;
    c.batch_execute(statement).map_err(|e| e.to_string())
}
