use console::measure_text_width;

/// How wide a server's name may be: a command of somebody's own may be long.
const WIDEST_NAME: usize = 28;

/// The end of a long name: of a path, that is what differs.
pub(crate) fn shortened(name: &str) -> String {
    let mut kept = name;
    while measure_text_width(kept) >= WIDEST_NAME && kept.len() > 1 {
        let mut rest = kept.chars();
        rest.next();
        kept = rest.as_str();
    }
    if measure_text_width(name) > WIDEST_NAME {
        format!("…{kept}")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_name_the_end_is_kept() {
        assert_eq!(shortened("select-server"), "select-server");
        let exact = "a".repeat(WIDEST_NAME);
        assert_eq!(shortened(&exact), exact);
        let long = shortened("/home/somebody/target/release/my-server -p");
        assert!(
            long.starts_with('…') && long.ends_with("/my-server -p"),
            "{long}"
        );
        assert_eq!(measure_text_width(&long), WIDEST_NAME);
    }
}
