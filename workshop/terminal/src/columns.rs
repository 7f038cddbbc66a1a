use console::measure_text_width;

/// A count with a comma at every thousand.
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size in the unit that makes it short.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..10_240 => format!("{} B", grouped(bytes as usize)),
        10_240..10_485_760 => format!("{} KiB", grouped(bytes.div_ceil(1024) as usize)),
        _ => format!("{} MiB", grouped(bytes.div_ceil(1 << 20) as usize)),
    }
}

/// `words` and as many spaces as fill `width` columns; a Han character takes two.
pub fn pad(words: &str, width: usize) -> String {
    let spaces = width.saturating_sub(measure_text_width(words));
    format!("{words}{}", " ".repeat(spaces))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_carry_separators_and_units() {
        assert_eq!(size(240), "240 B");
        assert_eq!(size(9_999), "9,999 B");
        assert_eq!(size(208 * 1024), "208 KiB");
        assert_eq!(size(64 << 20), "64 MiB");
    }

    #[test]
    fn a_han_character_takes_two_columns() {
        assert_eq!(pad("步骤", 6), "步骤  ");
        assert_eq!(pad("too long", 3), "too long");
    }
}
