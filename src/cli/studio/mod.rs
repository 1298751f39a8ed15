//! A workspace in the browser of the person who works on it: editions with live weights, what changed, weight
//! sets to save, editions to write. It listens on this machine alone.

mod desk;
mod guard;
mod pages;

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use self::desk::Desk;
use super::args::{Arguments, StudioArgs};
use super::{FINE, Failure, open};

/// Connections that are served at once; more wait.
const CONNECTIONS: usize = 32;
/// A request's head must be there after this time.
const HEAD: Duration = Duration::from_secs(5);
/// A connection ends after this time, whatever it does.
const CONNECTION: Duration = Duration::from_secs(120);

/// Serves until the program is stopped.
pub fn run(args: &StudioArgs, arguments: &Arguments, out: &mut impl Write) -> Result<u8, Failure> {
    // A workspace that does not load is told here and not in the browser.
    open(arguments)?;
    let desk = Arc::new(Desk::new(arguments.workspace.as_deref(), arguments.units.level()));
    let token = token()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, args.port))).await?;
        let address = listener.local_addr()?;
        writeln!(out, "http://{address}/{token}/\n\nOpen this address in a browser. It works on this machine alone, for as long as this runs;\nwhoever knows it can change the workspace. Stop with Ctrl-C.")?;
        out.flush()?;
        tokio::select! {
            served = serve(&listener, &desk, &token, address) => served,
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    })?;
    Ok(FINE)
}

async fn serve(listener: &TcpListener, desk: &Arc<Desk>, token: &str, address: SocketAddr) -> std::io::Result<()> {
    let router = guard::guarded(pages::router(desk.clone(), token), token, address);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = places.clone().acquire_owned().await.map_err(std::io::Error::other)?;
        // A connection that broke before it was taken is nobody's problem.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let mut http = hyper::server::conn::http1::Builder::new();
            let connection = http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_headers(64).serve_connection(TokioIo::new(stream), service);
            // How a stranger's connection ends is not worth a word.
            let _ = tokio::time::timeout(CONNECTION, connection).await;
            drop(place);
        });
    }
}

/// 128 random bits that a page of a stranger cannot guess.
fn token() -> std::io::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}
