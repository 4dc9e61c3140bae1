//! Starting, killing and calling the real program.

use connector_dev::stack::CLIENT_SECRET;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The program with a folder and an address of its own.
pub(crate) struct Program {
    folder: PathBuf,
    address: String,
    child: Option<Child>,
    offset: i64,
}

/// Beside the test's own program, where cargo puts all binaries of the workspace.
fn binary() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let target = here.parent().unwrap().parent().unwrap().join("connector");
    assert!(target.exists(), "{} is missing: run `cargo build --bin connector` first", target.display());
    target
}

impl Program {
    pub(crate) fn new(hubspot: &sim_hubspot::Sim, zuora: &sim_zuora::Sim, name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("connector-process-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let program = Self { folder, address, child: None, offset: 0 };
        program.write_config(&format!(
            "[hubspot]\nportal_id = 24680135\napp_id = 50780459\nbase_url = \"{}\"\n[zuora]\nbase_url = \"{}\"\n\
             [public]\nurl = \"http://{}\"\n",
            hubspot.base_url(),
            zuora.base_url(),
            program.address
        ));
        program
    }

    pub(crate) fn write_config(&self, text: &str) {
        std::fs::write(self.folder.join("connector.toml"), text).unwrap();
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(binary());
        command
            .env_clear()
            .env("CONNECTOR_CONFIG", self.folder.join("connector.toml"))
            .env("CONNECTOR_DATA_DIR", self.folder.join("data"))
            .env("CONNECTOR_TEST__CLOCK_OFFSET", self.offset.to_string())
            .env("HUBSPOT_ACCESS_TOKEN", "pat-simulated")
            .env("HUBSPOT_CLIENT_SECRET", CLIENT_SECRET)
            .env("ZUORA_CLIENT_ID", "00000000-0000-4000-8000-000000000000")
            .env("ZUORA_CLIENT_SECRET", "simulated")
            .stdin(Stdio::null());
        command
    }

    /// Starts `serve` on the program's address.
    pub(crate) fn start(&mut self, more: &[&str]) {
        let mut command = self.command();
        command
            .args(["serve", "--listen", &self.address])
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.child = Some(command.spawn().unwrap());
    }

    pub(crate) async fn wait_until_healthy(&self) {
        for _ in 0..200 {
            if reqwest::get(format!("{}/healthz", self.url())).await.is_ok_and(|r| r.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the connector does not answer on {}", self.url());
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Shifts the clock of the next start.
    pub(crate) fn advance(&mut self, seconds: i64) {
        self.offset += seconds;
    }

    /// Runs a command; its exit status and what it printed on standard output.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command().args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }

    /// As [`Program::run`], with what it said on standard error.
    pub(crate) fn run_with_errors(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command().args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
        std::fs::remove_dir_all(&self.folder).ok();
    }
}
