//! One file over HTTP: asked politely, taken within limits.

use std::io::Read as _;
use std::time::Duration;

use reqwest::blocking::{Client as Http, Response};
use reqwest::header::{
    ACCEPT, CONTENT_LENGTH, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
    RETRY_AFTER,
};
use reqwest::{Certificate, Method, NoProxy, Proxy, StatusCode, redirect};

use super::{Address, Fetched, LiveError, Settings, Version};

/// Redirects that are followed.
const HOPS: usize = 5;
/// The wait before the second try; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait between tries, whatever the server asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Longest `ETag` or date that is kept.
const LONGEST_HEADER: usize = 256;

/// Told how many bytes are there, and of how many where that is known.
pub type Progress<'a> = dyn Fn(u64, Option<u64>) + 'a;

/// Fetches files.
pub struct Client {
    http: Http,
    settings: Settings,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Why one try came to nothing.
pub(super) enum Failure {
    /// May pass: the reason, and how long the server asks to wait.
    Again(String, Option<Duration>),
    /// Will not.
    Stop(LiveError),
}

/// What is taken of one answer.
pub(super) struct Limits {
    /// Most bytes.
    pub(super) most: u64,
    /// The longest it may take.
    pub(super) whole: Duration,
    /// When the question was first asked, from the start of the process.
    pub(super) began: Duration,
}

impl Client {
    /// Prepares to fetch below an address.
    ///
    /// # Errors
    /// [`LiveError::Setup`] when a proxy or certificate cannot be used.
    pub fn new(settings: Settings, base: &Address) -> Result<Self, LiveError> {
        // Named here, so that no second implementation is needed. Another thread may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let setup = |text: &str| LiveError::Setup(text.to_owned());
        let mut builder = Http::builder()
            // Registries want to know whom to write to.
            .user_agent(concat!(
                env!("CARGO_PKG_NAME"),
                "/",
                env!("CARGO_PKG_VERSION"),
                " (",
                env!("CARGO_PKG_REPOSITORY"),
                ")"
            ))
            .redirect(redirect::Policy::none())
            .connect_timeout(settings.patience)
            .timeout(settings.patience)
            // Only the proxies that were given, not what the machine may say beside them.
            .no_proxy();
        let none_for = settings.proxies.none_for.as_deref().and_then(NoProxy::from_string);
        for (proxy, is_https) in [(&settings.proxies.https, true), (&settings.proxies.http, false)] {
            let Some(text) = proxy.as_deref() else { continue };
            let is_known = !text.contains("://") || text.starts_with("http://") || text.starts_with("https://");
            let made = if is_https { Proxy::https(text) } else { Proxy::http(text) };
            let Some(made) = made.ok().filter(|_| is_known) else {
                let name = if is_https { "HTTPS_PROXY" } else { "HTTP_PROXY" };
                return Err(LiveError::Setup(format!("{name} is no address of an HTTP proxy")));
            };
            builder = builder.proxy(made.no_proxy(none_for.clone()));
        }
        let read = |pem: &[u8]| Certificate::from_pem_bundle(pem).ok().filter(|all| !all.is_empty());
        let also = match &settings.authorities.also {
            Some(pem) => read(pem).ok_or_else(|| setup("`--ca-file` holds no certificate in PEM form"))?,
            None => Vec::new(),
        };
        builder = match &settings.authorities.only {
            Some(pem) => {
                let mut all = read(pem).ok_or_else(|| setup("SSL_CERT_FILE holds no certificate in PEM form"))?;
                all.extend(also);
                builder.tls_certs_only(all)
            }
            // A mirror on this machine needs no certificates, and a slim image may have none.
            None if !base.is_https() => builder.tls_certs_only(also),
            None => builder.tls_certs_merge(also),
        };
        let http = builder.build().map_err(|error| {
            LiveError::Setup(format!("cannot prepare for https: {} (`--ca-file` names certificates)", reason(error)))
        })?;
        Ok(Self { http, settings })
    }

    /// Fetches a file, unless it is the version given. Failures that may pass are tried again, after a
    /// wait.
    ///
    /// # Errors
    /// See [`LiveError`].
    pub fn fetch(&self, address: &Address, known: &Version, progress: &Progress<'_>) -> Result<Fetched, LiveError> {
        self.fetch_as(address, None, known, progress)
    }

    /// As [`Client::fetch`], asking for a media type.
    ///
    /// # Errors
    /// See [`LiveError`].
    pub fn fetch_as(
        &self,
        address: &Address,
        accept: Option<&str>,
        known: &Version,
        progress: &Progress<'_>,
    ) -> Result<Fetched, LiveError> {
        let began = self.settings.started.elapsed();
        self.persist(address, || self.once(address, accept, known, began, progress))
    }

    /// Time since the process started.
    pub(super) fn elapsed(&self) -> Duration {
        self.settings.started.elapsed()
    }

    /// Whether `http` may be used beyond this machine.
    pub(super) fn allows_http(&self) -> bool {
        self.settings.allow_http
    }

    /// Tries until it is done, will not be, or was tried often enough.
    pub(super) fn persist<T>(
        &self,
        address: &Address,
        mut once: impl FnMut() -> Result<T, Failure>,
    ) -> Result<T, LiveError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let (why, asked) = match once() {
                Ok(done) => return Ok(done),
                Err(Failure::Stop(error)) => return Err(error),
                Err(Failure::Again(why, asked)) => (why, asked),
            };
            if tries > self.settings.retries {
                let tries = if tries == 1 { "tried once".to_owned() } else { format!("tried {tries} times") };
                return Err(LiveError::Failed { address: address.to_string(), tries, why });
            }
            let wait = FIRST_WAIT.saturating_mul(1 << tries.saturating_sub(1).min(8));
            std::thread::sleep(asked.unwrap_or(wait).min(LONGEST_WAIT));
        }
    }

    /// Sends a request and follows where it leads. `bearer` is for the host that was named alone, as are the
    /// credentials of the netrc file, which stand back where there is a bearer.
    pub(super) fn send(
        &self,
        method: &Method,
        first: &Address,
        headers: &[(HeaderName, &str)],
        bearer: Option<&str>,
    ) -> Result<(Address, Response), Failure> {
        let mut address = first.clone();
        for _ in 0..=HOPS {
            let mut request = self.http.request(method.clone(), address.url().clone());
            for (name, value) in headers {
                request = request.header(name, *value);
            }
            // Credentials are for the host that was named, not for where it sends us.
            if address.is_same_origin(first) {
                if let Some(bearer) = bearer {
                    request = request.bearer_auth(bearer);
                } else if let Some((user, password)) = self.settings.netrc.find(address.host()) {
                    request = request.basic_auth(user, Some(password));
                }
            }
            let response = match request.send() {
                Ok(response) => response,
                Err(error) if error.is_builder() => {
                    let text = format!("cannot ask {address}: {}", reason(error));
                    return Err(Failure::Stop(LiveError::Setup(text)));
                }
                Err(error) => return Err(Failure::Again(reason(error), None)),
            };
            if !is_redirect(response.status()) {
                return Ok((address, response));
            }
            let location = response.headers().get(LOCATION).and_then(|l| l.to_str().ok());
            let stop =
                |whither: String| Err(Failure::Stop(LiveError::Redirect { address: address.to_string(), whither }));
            let Some(next) = location.and_then(|l| address.follow(l)) else {
                return stop("nowhere that can be understood".to_owned());
            };
            if address.is_https() && !next.is_https() {
                return stop(format!("from https to {next}, which is not followed"));
            }
            if let Err(error) = next.check(self.settings.allow_http) {
                return stop(format!("to {next}, which is not followed: {error}"));
            }
            address = next;
        }
        let whither = format!("on and on; {HOPS} redirects are followed");
        Err(Failure::Stop(LiveError::Redirect { address: first.to_string(), whither }))
    }

    /// Takes the bytes of an answer within limits, and says how many there were. `take` is also told how many were
    /// declared.
    pub(super) fn receive(
        &self,
        address: &Address,
        response: &mut Response,
        limits: &Limits,
        take: &mut dyn FnMut(&[u8], Option<u64>),
    ) -> Result<u64, Failure> {
        let most = limits.most;
        let too_large =
            || Err(Failure::Stop(LiveError::TooLarge { address: address.to_string(), most: most.div_ceil(1 << 20) }));
        let declared: Option<u64> =
            response.headers().get(CONTENT_LENGTH).and_then(|l| l.to_str().ok()).and_then(|l| l.parse().ok());
        if declared.is_some_and(|n| n > most) {
            return too_large();
        }
        let mut count = 0;
        let mut chunk = vec![0; 64 << 10];
        loop {
            let read = match response.read(&mut chunk) {
                Ok(0) => break,
                Ok(n) => n,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => 0,
                Err(error) => return Err(Failure::Again(format!("the answer breaks off: {}", inner(&error)), None)),
            };
            count += read as u64;
            if count > most {
                return too_large();
            }
            if self.elapsed().saturating_sub(limits.began) > limits.whole {
                return Err(Failure::Stop(LiveError::Failed {
                    address: address.to_string(),
                    tries: format!("stopped after {} seconds", limits.whole.as_secs()),
                    why: "the server is too slow".to_owned(),
                }));
            }
            take(chunk.get(..read).unwrap_or_default(), declared);
        }
        if declared.is_some_and(|n| n != count) {
            return Err(Failure::Again("the answer breaks off".to_owned(), None));
        }
        Ok(count)
    }

    fn once(
        &self,
        first: &Address,
        accept: Option<&str>,
        known: &Version,
        began: Duration,
        progress: &Progress<'_>,
    ) -> Result<Fetched, Failure> {
        let asked =
            [(ACCEPT, accept), (IF_NONE_MATCH, known.etag.as_deref()), (IF_MODIFIED_SINCE, known.modified.as_deref())];
        let headers: Vec<(HeaderName, &str)> =
            asked.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let (address, mut response) = self.send(&Method::GET, first, &headers, None)?;
        let status = response.status();
        let was_conditional = *known != Version::default();
        if status == StatusCode::NOT_MODIFIED && was_conditional {
            return Ok(Fetched::Unchanged);
        }
        may_pass(&response)?;
        if status != StatusCode::OK {
            let hint = match status {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "; credentials are read from the netrc file",
                StatusCode::NOT_FOUND => "; a mirror holds ECOSYSTEM/all.zip below its address",
                StatusCode::PROXY_AUTHENTICATION_REQUIRED => "; the proxy wants credentials",
                _ => "",
            };
            return Err(Failure::Stop(LiveError::Status {
                address: address.to_string(),
                code: status.as_u16(),
                status: status.to_string(),
                hint: hint.to_owned(),
            }));
        }
        let version = Version { etag: header(&response, ETAG), modified: header(&response, LAST_MODIFIED) };
        let limits = Limits { most: self.settings.most, whole: self.settings.whole, began };
        let mut bytes = Vec::new();
        self.receive(&address, &mut response, &limits, &mut |chunk, declared| {
            bytes.extend_from_slice(chunk);
            progress(bytes.len() as u64, declared);
        })?;
        Ok(Fetched::New { bytes, version })
    }
}

/// An answer that says to come again.
pub(super) fn may_pass(response: &Response) -> Result<(), Failure> {
    let status = response.status();
    if status == StatusCode::REQUEST_TIMEOUT || status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return Err(Failure::Again(format!("it answers {status}"), asked_wait(response.headers())));
    }
    Ok(())
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn header(response: &Response, name: HeaderName) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    (value.len() <= LONGEST_HEADER).then(|| value.to_owned())
}

/// `Retry-After` in seconds; a date is left to our own waits.
fn asked_wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The innermost cause, which says what happened, without the address.
fn reason(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer within the time-out (`--timeout`)".to_owned();
    }
    inner(&error.without_url())
}

fn inner(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
