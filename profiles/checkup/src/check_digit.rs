//! Check digits of 保険者番号 and 保険医療機関番号: weights 2, 1, 2, 1 … from the right, digits of
//! the products added, complement to ten.

/// Whether an eight-digit 保険者番号 carries its check digit.
pub fn insurer_number(number: &str) -> bool {
    has_check_digit(number, 8)
}

/// Whether a ten-digit 健診機関番号 carries its check digit.
pub fn institution_number(number: &str) -> bool {
    has_check_digit(number, 10)
}

fn has_check_digit(number: &str, length: usize) -> bool {
    if number.len() != length || !number.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = number
        .bytes()
        .rev()
        .zip([1_u32, 2].into_iter().cycle())
        .map(|(byte, weight)| {
            let product = u32::from(byte - b'0') * weight;
            product / 10 + product % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::{institution_number, insurer_number};

    #[test]
    fn known_numbers() {
        assert!(insurer_number("33120015"));
        assert!(insurer_number("00013995"));
        assert!(!insurer_number("06139995"));
        assert!(!insurer_number("013995"), "six digits are padded first");
        assert!(institution_number("0110113719"));
        assert!(!institution_number("0110113718"));
    }
}
