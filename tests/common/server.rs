//! An HTTP server on loopback for tests, written out by hand so that it can misbehave.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a client asked.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// `GET`, `HEAD`, `CONNECT`.
    pub(crate) method: String,
    /// As written: a path, or an address where a proxy is asked.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// What the server does.
pub(crate) enum Reply {
    /// Status, headers, body with its length.
    Whole(u16, Vec<(String, String)>, Vec<u8>),
    /// Declares a length and sends these bytes only.
    Short(usize, Vec<u8>),
    /// Sends bytes without declaring how many.
    Undeclared(Vec<u8>),
    /// Sends a head and then nothing, until the client goes away.
    Stall,
    /// Closes without a word.
    Hang,
}

impl Reply {
    pub(crate) fn ok(body: Vec<u8>) -> Self {
        Self::Whole(200, Vec::new(), body)
    }

    pub(crate) fn status(code: u16) -> Self {
        Self::Whole(code, Vec::new(), Vec::new())
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        if let Self::Whole(_, headers, _) = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

/// A running server; it ends with the test's process.
pub(crate) struct Server {
    pub(crate) at: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

impl Server {
    pub(crate) fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::run(Arc::new(handler), None)
    }

    /// As [`Server::start`], over TLS.
    pub(crate) fn start_tls(
        config: Arc<rustls::ServerConfig>,
        handler: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::run(Arc::new(handler), Some(config))
    }

    fn run(handler: Arc<Handler>, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = listener.local_addr().expect("an address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, log, tls) = (Arc::clone(&handler), Arc::clone(&log), tls.clone());
                thread::spawn(move || match tls {
                    None => serve(stream, &*handler, &log),
                    Some(config) => {
                        let connection = rustls::ServerConnection::new(config).expect("a connection");
                        serve(rustls::StreamOwned::new(connection, stream), &*handler, &log);
                    }
                });
            }
        });
        Self { at, seen }
    }

    /// A proxy that knows `CONNECT` alone, and connects every host to one address.
    pub(crate) fn tunnel(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = listener.local_addr().expect("an address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                thread::spawn(move || {
                    let Some(request) = head(&mut client) else { return };
                    log.lock().expect("no panic").push(request);
                    let Ok(server) = TcpStream::connect(to) else { return };
                    let _ = client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n");
                    let (from, into) = (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
                    thread::spawn(move || pipe(from, into));
                    pipe(server, client);
                });
            }
        });
        Self { at, seen }
    }

    /// The address of a server whose name is written as given.
    pub(crate) fn url(&self, host: &str) -> String {
        format!("http://{host}:{}", self.at.port())
    }

    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().expect("no panic").clone()
    }
}

/// A certificate authority, and a server's configuration with a certificate of it.
pub(crate) fn authority(names: &[&str]) -> (String, Arc<rustls::ServerConfig>) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = parameters.self_signed(&key).expect("a certificate");
    let issuer = rcgen::Issuer::new(parameters, key);
    let own = rcgen::KeyPair::generate().expect("a key");
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let leaf =
        rcgen::CertificateParams::new(names).expect("parameters").signed_by(&own, &issuer).expect("a certificate");
    let secret = rustls::pki_types::PrivateKeyDer::try_from(own.serialize_der()).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], secret)
        .expect("a configuration");
    (root.pem(), Arc::new(config))
}

fn pipe(mut from: TcpStream, mut into: TcpStream) {
    let _ = std::io::copy(&mut from, &mut into);
    let _ = into.shutdown(Shutdown::Write);
}

fn serve(mut stream: impl Read + Write, handler: &Handler, log: &Mutex<Vec<Request>>) {
    let Some(request) = head(&mut stream) else { return };
    log.lock().expect("no panic").push(request.clone());
    let write = |stream: &mut dyn Write, status: u16, headers: &str, body: &[u8]| {
        let _ = stream.write_all(format!("HTTP/1.1 {status} Word\r\nConnection: close\r\n{headers}\r\n").as_bytes());
        // Whoever asks for the head gets no body, whatever its length.
        if request.method != "HEAD" {
            let _ = stream.write_all(body);
        }
        let _ = stream.flush();
    };
    match handler(&request) {
        Reply::Whole(status, headers, body) => {
            let mut text: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            if status != 304 {
                text.push_str(&format!("Content-Length: {}\r\n", body.len()));
            }
            write(&mut stream, status, &text, &body);
        }
        Reply::Short(length, body) => write(&mut stream, 200, &format!("Content-Length: {length}\r\n"), &body),
        Reply::Undeclared(body) => write(&mut stream, 200, "", &body),
        Reply::Stall => {
            write(&mut stream, 200, "Content-Length: 1000000\r\n", b"PK");
            let mut byte = [0];
            while stream.read(&mut byte).is_ok_and(|n| n > 0) {}
        }
        Reply::Hang => {}
    }
}

fn head(stream: &mut impl Read) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if bytes.len() > 65_536 || stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let text = String::from_utf8(bytes).ok()?;
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Some(Request { method, target, headers })
}
