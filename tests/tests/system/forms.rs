//! One test, several forms of the program.

use anyhow::Result;
use renkei_tests::{Form, World};

/// Runs a test against the program that all tests of this form share.
pub(crate) fn run(postgres: bool, wired: bool, test: fn(&World) -> Result<()>) -> Result<()> {
    match World::shared(Form { postgres, wired })? {
        Some(world) => test(world),
        None => Ok(()),
    }
}

/// Runs a test that starts programs of its own, where the database is at hand.
pub(crate) fn by_form(postgres: bool, test: fn(Form) -> Result<()>) -> Result<()> {
    let form = Form { postgres, wired: false };
    if Form::all().contains(&form) { test(form) } else { Ok(()) }
}

/// Tests of the file above this one, in one form.
macro_rules! in_form {
    ($postgres:literal, $wired:literal, $($name:ident)*) => {
        $(
            #[test]
            fn $name() -> anyhow::Result<()> {
                crate::forms::run($postgres, $wired, super::$name)
            }
        )*
    };
}

/// Tests of the file above this one, run by a function of it on one database.
macro_rules! by_function {
    ($postgres:literal, $run:ident, $($name:ident)*) => {
        $(
            #[test]
            fn $name() -> anyhow::Result<()> {
                super::$run($postgres, super::$name)
            }
        )*
    };
}

/// Both databases; with `by`, a program that a function of the file starts.
macro_rules! on_every_database {
    (by $run:ident: $($name:ident)*) => {
        mod sqlite { by_function!(false, $run, $($name)*); }
        mod postgres { by_function!(true, $run, $($name)*); }
    };
    ($($name:ident)*) => {
        mod sqlite { in_form!(false, false, $($name)*); }
        mod postgres { in_form!(true, false, $($name)*); }
    };
}

/// Both databases, and the registry called as a function and over the network.
macro_rules! in_every_form {
    ($($name:ident)*) => {
        mod sqlite { in_form!(false, false, $($name)*); }
        mod sqlite_wired { in_form!(false, true, $($name)*); }
        mod postgres { in_form!(true, false, $($name)*); }
        mod postgres_wired { in_form!(true, true, $($name)*); }
    };
}
