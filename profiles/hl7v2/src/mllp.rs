//! MLLP, the frame around a message: `0x0B`, the message, `0x1C 0x0D` (ITI TF-2: C.2.1).

use bytes::{Buf, BufMut, Bytes, BytesMut};
use std::io;
use tokio_util::codec::{Decoder, Encoder};

/// Begins a frame.
pub(crate) const START: u8 = 0x0b;
const END: [u8; 2] = [0x1c, 0x0d];

/// `limits.mllp_frame_bytes`: the default longest message, 10 MiB.
pub const MAX_FRAME_BYTES: usize = 10 << 20;

/// Why a connection cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum MllpError {
    /// A message is longer than allowed.
    #[error("a message of more than {0} bytes (limits.mllp_frame_bytes)")]
    TooLong(usize),
    /// The connection ended inside a message.
    #[error("the connection ended inside a message")]
    Truncated,
    /// A message to be sent holds one of the characters that frame it.
    #[error("the message holds an MLLP frame character")]
    Unframeable,
    /// The connection failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Takes messages out of a byte stream and puts them in.
///
/// Bytes outside frames are dropped and counted. A frame ends with its end mark and with nothing else:
/// where that of a message was lost, the frame holds the start character of the next, and whoever
/// reads it refuses it as a whole, so that no message disappears without an answer
/// ([`text::decode`](crate::text::decode)). The frame after it is read as any other.
///
/// A sender may leave out the carriage return of the end mark, and then waits for its answer: the
/// frame is complete when nothing follows `0x1C` yet, or what follows can be no more of the message.
#[derive(Debug)]
pub struct MllpCodec {
    max_frame: usize,
    inside: bool,
    /// Whether the carriage return of the last end mark may still come.
    ending: bool,
    scanned: usize,
    dropped: u64,
}

impl MllpCodec {
    /// A codec that refuses messages of more than `max_frame` bytes.
    pub fn new(max_frame: usize) -> Self {
        Self { max_frame, inside: false, ending: false, scanned: 0, dropped: 0 }
    }

    /// How many bytes were dropped because they stood outside a complete frame.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn drop_front(&mut self, src: &mut BytesMut, count: usize) {
        src.advance(count);
        self.dropped = self.dropped.saturating_add(count as u64);
    }
}

impl Default for MllpCodec {
    fn default() -> Self {
        Self::new(MAX_FRAME_BYTES)
    }
}

impl Decoder for MllpCodec {
    type Item = Bytes;
    type Error = MllpError;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Bytes>, MllpError> {
        if !self.inside {
            if self.ending && !src.is_empty() {
                self.ending = false;
                if src.first() == Some(&END[1]) {
                    src.advance(1);
                }
            }
            match src.iter().position(|b| *b == START) {
                Some(at) => self.drop_front(src, at),
                None => {
                    self.drop_front(src, src.len());
                    return Ok(None);
                }
            }
            src.advance(1);
            self.inside = true;
            self.scanned = 0;
        }
        // Only what is new since the last call is searched.
        while let Some(b) = src.get(self.scanned) {
            match *b {
                // Nothing stands between the two.
                START if self.scanned == 0 => self.drop_front(src, 1),
                b if b == END[0] && src.get(self.scanned + 1).is_none_or(ends) => {
                    self.inside = false;
                    self.ending = true;
                    let frame = src.split_to(self.scanned).freeze();
                    src.advance(1);
                    return Ok(Some(frame));
                }
                _ => self.scanned += 1,
            }
            if self.scanned > self.max_frame {
                return Err(MllpError::TooLong(self.max_frame));
            }
        }
        Ok(None)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Bytes>, MllpError> {
        match self.decode(src)? {
            Some(frame) => Ok(Some(frame)),
            None if self.inside => {
                self.inside = false;
                src.clear();
                Err(MllpError::Truncated)
            }
            None => Ok(None),
        }
    }
}

/// Whether the octet after `0x1C` says that a frame has ended: no text goes on with it.
fn ends(next: &u8) -> bool {
    matches!(*next, START | b'\0' | b'\r' | b'\n')
}

impl<T: AsRef<[u8]>> Encoder<T> for MllpCodec {
    type Error = MllpError;

    fn encode(&mut self, message: T, dst: &mut BytesMut) -> Result<(), MllpError> {
        let message = message.as_ref();
        if message.iter().any(|b| *b == START || *b == END[0]) {
            return Err(MllpError::Unframeable);
        }
        dst.reserve(message.len() + 3);
        dst.put_u8(START);
        dst.put_slice(message);
        dst.put_slice(&END);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode_in_pieces(codec: &mut MllpCodec, pieces: &[&[u8]]) -> Vec<Bytes> {
        let mut buffer = BytesMut::new();
        let mut frames = Vec::new();
        for piece in pieces {
            buffer.extend_from_slice(piece);
            while let Some(frame) = codec.decode(&mut buffer).unwrap() {
                frames.push(frame);
            }
        }
        frames
    }

    #[test]
    fn several_frames_in_one_read() {
        let mut codec = MllpCodec::default();
        let frames = decode_in_pieces(&mut codec, &[b"\x0bone\x1c\r\x0btwo\x1c\r"]);
        assert_eq!(frames, ["one", "two"]);
        assert_eq!(codec.dropped(), 0);
    }

    #[test]
    fn a_frame_without_its_last_carriage_return_is_complete() {
        let mut codec = MllpCodec::default();
        assert_eq!(decode_in_pieces(&mut codec, &[b"\x0bone\x1c"]), ["one"]);
        // It may come late, or never.
        assert_eq!(decode_in_pieces(&mut codec, &[b"\r\x0btwo\x1c"]), ["two"]);
        assert_eq!(
            decode_in_pieces(&mut codec, &[b"\x0bthree\x1c\x0bfour\x1c\n"]),
            ["three", "four"]
        );
        assert_eq!(codec.dropped(), 1, "the line feed");
    }

    #[test]
    fn an_end_mark_in_the_middle_of_a_text_ends_nothing() {
        let mut codec = MllpCodec::default();
        assert_eq!(decode_in_pieces(&mut codec, &[b"\x0bone\x1ctwo\x1c\r"]), ["one\u{1c}two"]);
    }

    #[test]
    fn a_frame_split_anywhere() {
        let whole = b"\x0bMSH|\r\x1c\r";
        for cut in 0..whole.len() {
            let (a, b) = whole.split_at(cut);
            assert_eq!(decode_in_pieces(&mut MllpCodec::default(), &[a, b]), ["MSH|\r"], "{cut}");
        }
    }

    #[test]
    fn what_stands_between_frames_is_dropped_and_counted() {
        let mut codec = MllpCodec::default();
        let frames = decode_in_pieces(&mut codec, &[b"junk\x0bone\x1c\r\r\n", b"\x0btwo\x1c\r"]);
        assert_eq!(frames, ["one", "two"]);
        assert_eq!(codec.dropped(), 6);
    }

    #[test]
    fn a_frame_without_end_lasts_to_the_next_end_and_loses_nothing() {
        let mut codec = MllpCodec::default();
        let wire = b"\x0bone\x0btwo\x1c\r\x0bthree\x1c\r";
        assert_eq!(decode_in_pieces(&mut codec, &[wire]), ["one\u{b}two", "three"]);
        assert_eq!(codec.dropped(), 0);
    }

    #[test]
    fn a_start_said_twice_starts_once() {
        let mut codec = MllpCodec::default();
        assert_eq!(decode_in_pieces(&mut codec, &[b"\x0b\x0bone\x1c\r"]), ["one"]);
        assert_eq!(codec.dropped(), 1);
    }

    #[test]
    fn a_long_frame_is_refused_by_the_name_of_the_limit() {
        let mut codec = MllpCodec::new(4);
        let mut fits = BytesMut::from(&b"\x0b1234\x1c\r"[..]);
        assert_eq!(codec.decode(&mut fits).unwrap().unwrap(), "1234");
        let mut long = BytesMut::from(&b"\x0b12345"[..]);
        let refused = codec.decode(&mut long).unwrap_err();
        assert_eq!(refused.to_string(), "a message of more than 4 bytes (limits.mllp_frame_bytes)");
    }

    #[test]
    fn a_connection_that_ends_inside_a_frame_is_an_error() {
        let mut codec = MllpCodec::default();
        let mut buffer = BytesMut::from(&b"\x0bone\x1c\r\x0btw"[..]);
        assert_eq!(codec.decode_eof(&mut buffer).unwrap().unwrap(), "one");
        assert!(matches!(codec.decode_eof(&mut buffer), Err(MllpError::Truncated)));
    }

    #[test]
    fn frame_characters_are_not_sent() {
        let mut out = BytesMut::new();
        let refused = MllpCodec::default().encode("a\u{b}b", &mut out);
        assert!(matches!(refused, Err(MllpError::Unframeable)) && out.is_empty());
    }

    proptest! {
        #[test]
        fn what_is_sent_arrives(messages in prop::collection::vec("[ -~\r\nあ漢]{0,40}", 0..5),
                                size in 1..20_usize) {
            let mut wire = BytesMut::new();
            for m in &messages {
                MllpCodec::default().encode(m, &mut wire).unwrap();
            }
            let pieces: Vec<&[u8]> = wire.chunks(size).collect();
            let frames = decode_in_pieces(&mut MllpCodec::default(), &pieces);
            prop_assert_eq!(frames, messages);
        }

        #[test]
        fn no_byte_disappears(pieces in prop::collection::vec(
            prop::sample::select(vec!["\u{b}", "\u{1c}", "\r", "\u{1c}\r", "MSH|1"]), 0..40),
            size in 1..7_usize)
        {
            let wire = pieces.concat();
            let mut codec = MllpCodec::default();
            let (mut buffer, mut inside, mut frames) = (BytesMut::new(), 0, 0);
            for piece in wire.as_bytes().chunks(size) {
                buffer.extend_from_slice(piece);
                while let Some(frame) = codec.decode(&mut buffer).unwrap() {
                    (inside, frames) = (inside + frame.len(), frames + 1);
                }
            }
            let dropped = usize::try_from(codec.dropped()).unwrap();
            // What is left are the marks of each frame, with its carriage return or without.
            let marks = wire.len() - inside - dropped - buffer.len() - usize::from(codec.inside);
            prop_assert!((2 * frames..=3 * frames).contains(&marks), "{} of {}", marks, frames);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut codec = MllpCodec::new(50);
            let mut buffer = BytesMut::from(bytes.as_slice());
            while let Ok(Some(_)) = codec.decode_eof(&mut buffer) {}
        }
    }
}
