//! How a case has its server started.

use crate::launch::{self, Launch};
use crate::program::Program;
use crate::server::Server;
use crate::verdict::Trouble;
use subject::Start;

impl Server {
    /// Starts `program --listen 127.0.0.1:0` and waits for the line that tells its address; or
    /// does what else its place asks for.
    ///
    /// # Errors
    ///
    /// A failed case: it cannot be started, ends at once, or does not say where it listens.
    pub fn start(program: &Program) -> Result<Server, Trouble> {
        launch::launch(program, &Launch::default())
    }

    /// The same on another address.
    pub(crate) fn start_on(program: &Program, listen: &str) -> Result<Server, Trouble> {
        launch::launch(
            program,
            &Launch {
                listen: Some(listen),
                ..Launch::default()
            },
        )
    }

    /// The same with more arguments.
    pub(crate) fn start_with(program: &Program, more: &[&str]) -> Result<Server, Trouble> {
        launch::launch(
            program,
            &Launch {
                more,
                ..Launch::default()
            },
        )
    }

    /// The same with what it inherits.
    pub(crate) fn start_under(program: &Program, inherits: Start) -> Result<Server, Trouble> {
        launch::launch(
            program,
            &Launch {
                inherits: Some(inherits),
                ..Launch::default()
            },
        )
    }
}
