//! W: nginx with the same certificates, protocol and keep-alive, serving static bytes.

use anyhow::{Context, Result, bail};
use renkei_tests::program;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A running nginx with one worker.
pub(crate) struct Nginx {
    child: Child,
    directory: TempDir,
    port: u16,
}

impl Nginx {
    /// Starts one, or says `None` where nginx is not installed. `pki` holds `server.pem` and
    /// `server.key`; clients must show a certificate of `ca.pem` there.
    pub(crate) fn start(pki: &Path) -> Result<Option<Self>> {
        let Some(program) =
            ["/usr/sbin/nginx", "/usr/bin/nginx"].into_iter().find(|p| Path::new(p).exists())
        else {
            return Ok(None);
        };
        let directory = TempDir::with_prefix("renkei-nginx-")?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let root = directory.path().display().to_string();
        std::fs::create_dir(directory.path().join("files"))?;
        let config = format!(
            "daemon off; worker_processes 1; error_log {root}/error.log; pid {root}/pid; user root;
             events {{ worker_connections 256; }}
             http {{
               access_log off; sendfile on; keepalive_requests 100000000; keepalive_timeout 300s;
               client_body_temp_path {root}/a; proxy_temp_path {root}/b; fastcgi_temp_path {root}/c;
               uwsgi_temp_path {root}/d; scgi_temp_path {root}/e;
               server {{
                 listen 127.0.0.1:{port} ssl;
                 ssl_certificate {pki}/server.pem; ssl_certificate_key {pki}/server.key;
                 ssl_client_certificate {pki}/ca.pem; ssl_verify_client on; ssl_protocols TLSv1.3;
                 root {root}/files;
               }}
             }}",
            pki = pki.display(),
        );
        let file = directory.path().join("nginx.conf");
        std::fs::write(&file, config)?;
        let child = Command::new(program)
            .args(["-p", &root, "-c"])
            .arg(&file)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("could not start nginx")?;
        let nginx = Self { child, directory, port };
        let until = Instant::now() + Duration::from_secs(5);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > until {
                bail!("nginx does not answer");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Some(nginx))
    }

    /// Puts `bytes` bytes where clients can get them; answers the path.
    pub(crate) fn serve(&self, bytes: usize) -> Result<String> {
        let name = format!("{bytes}.bin");
        let path = self.directory.path().join("files").join(&name);
        if !path.exists() {
            std::fs::write(path, vec![b'x'; bytes])?;
        }
        Ok(format!("/{name}"))
    }

    /// The port.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// The master and its worker.
    pub(crate) fn processes(&self) -> impl Iterator<Item = u32> + use<> {
        let pid = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let children = children.unwrap_or_default();
        let children: Vec<u32> =
            children.split_whitespace().filter_map(|p| p.parse().ok()).collect();
        std::iter::once(pid).chain(children)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM lets the master end its worker.
        if program::signal(self.child.id(), "TERM").is_ok() {
            drop(self.child.wait());
        }
    }
}
