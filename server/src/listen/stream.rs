//! A connection that does not wait for ever for its peer to read, and ends when its peer is let in no more.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Wraps a connection: a write that makes no progress for `idle` is an error, and so is whatever it does after its peer
/// was taken out of the table.
///
/// The HTTP server bounds the time of a request's head, and the reader of a body its silences; a
/// peer that stops reading an answer would otherwise hold its connection for good.
pub(super) struct Stream<S, V> {
    inner: S,
    idle: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    gone: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Who is on the other side.
    pub(super) visitor: V,
}

impl<S: Unpin, V> Stream<S, V> {
    /// `gone` is when the peer is let in no more.
    pub(super) fn new(inner: S, visitor: V, idle: Duration, gone: CancellationToken) -> Self {
        let gone = Box::pin(gone.cancelled_owned());
        Self { inner, idle, stalled: None, gone, visitor }
    }

    fn is_gone(&mut self, cx: &mut Context<'_>) -> bool {
        self.gone.as_mut().poll(cx).is_ready()
    }

    fn patient<T>(
        &mut self,
        cx: &mut Context<'_>,
        progress: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if progress.is_ready() {
            self.stalled = None;
            return progress;
        }
        let idle = self.idle;
        let timer = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(idle)));
        match timer.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin, V: Unpin> AsyncRead for Stream<S, V> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.is_gone(cx) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut this.inner).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin, V: Unpin> AsyncWrite for Stream<S, V> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.is_gone(cx) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let progress = Pin::new(&mut this.inner).poll_write(cx, bytes);
        this.patient(cx, progress)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let progress = Pin::new(&mut this.inner).poll_flush(cx);
        this.patient(cx, progress)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let progress = Pin::new(&mut this.inner).poll_shutdown(cx);
        this.patient(cx, progress)
    }
}
