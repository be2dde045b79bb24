//! Nonces: random (NIST SP 800-38D, 8.2.2), and drawn from OpenSSL's generator many at a time, because
//! a call of the generator costs more than sealing a short text.

use openssl::error::ErrorStack;
use std::cell::RefCell;

pub(crate) const NONCE: usize = 12;

/// How many are drawn at once.
const DRAWN: usize = 128;

/// What a thread has drawn and not used. A nonce is no secret; each is handed out once.
struct Store {
    octets: [u8; NONCE * DRAWN],
    used: usize,
}

thread_local! {
    static STORE: RefCell<Store> =
        const { RefCell::new(Store { octets: [0; NONCE * DRAWN], used: DRAWN }) };
}

/// A nonce that was never handed out.
pub(crate) fn fresh() -> Result<[u8; NONCE], ErrorStack> {
    STORE.with_borrow_mut(|store| {
        if store.used >= DRAWN {
            openssl::rand::rand_bytes(&mut store.octets)?;
            store.used = 0;
        }
        let (nonces, _) = store.octets.as_chunks::<NONCE>();
        let nonce = nonces.get(store.used).copied();
        store.used += 1;
        // `used` is below `DRAWN` here; drawing one alone is what is left otherwise.
        match nonce {
            Some(nonce) => Ok(nonce),
            None => {
                let mut one = [0; NONCE];
                openssl::rand::rand_bytes(&mut one).map(|()| one)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_nonce_comes_twice_on_any_thread() {
        let draw = || (0..5 * DRAWN).map(|_| fresh().unwrap()).collect::<Vec<_>>();
        let all: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(draw)).collect();
            threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
        });
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 4 * 5 * DRAWN);
    }
}
