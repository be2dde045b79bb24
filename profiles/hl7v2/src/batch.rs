//! Several messages in one file: each begins with MSH, and a batch (HL7 v2, 2.10.3) has lines of its own around them.

use crate::mllp::START;

/// The end mark of a frame, without its carriage return.
const END: u8 = 0x1c;

/// Lines around messages, which are of none.
const AROUND: [&[u8]; 4] = [b"FHS", b"BHS", b"BTS", b"FTS"];

/// The messages of a file, each with a carriage return behind every segment. Lines may end in any way, and frames
/// may stand around messages. What comes before the first MSH is a message, too, if a wrong one: nothing of a file
/// is passed over.
pub fn messages(file: &[u8]) -> Vec<Vec<u8>> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let mut all: Vec<Vec<u8>> = Vec::new();
    for line in file.split(|b| matches!(*b, b'\r' | b'\n' | START | END)) {
        if line.is_empty() || AROUND.iter().any(|around| line.starts_with(around)) {
            continue;
        }
        if line.starts_with(b"MSH") || all.is_empty() {
            all.push(Vec::new());
        }
        if let Some(message) = all.last_mut() {
            message.extend_from_slice(line);
            message.push(b'\r');
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_msh_begins_a_message_however_lines_end() {
        let one = b"MSH|^~\\&|A\rPID|1\r".to_vec();
        let two = b"MSH|^~\\&|B\rPID|2\r".to_vec();
        for file in [
            &b"MSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\rPID|2\r"[..],
            b"\xef\xbb\xbfMSH|^~\\&|A\r\nPID|1\r\n\r\nMSH|^~\\&|B\r\nPID|2",
            b"\x0bMSH|^~\\&|A\rPID|1\r\x1c\r\x0bMSH|^~\\&|B\rPID|2\r\x1c\r",
            b"FHS|^~\\&\nBHS|^~\\&\nMSH|^~\\&|A\nPID|1\nMSH|^~\\&|B\nPID|2\nBTS|2\nFTS|1\n",
        ] {
            assert_eq!(messages(file), [one.clone(), two.clone()]);
        }
        assert_eq!(messages(b"PID|1\nMSH|^~\\&|A\nPID|1"), [b"PID|1\r".to_vec(), one]);
        assert!(messages(b"\n\r\n").is_empty());
    }
}
