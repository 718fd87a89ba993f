//! How times, numbers and names read on screen. One place, so that they read alike everywhere.

/// Returns a moment of the run, to the millisecond: "1.284 s". Moments are written so everywhere but in
/// links and where they are typed.
pub fn instant(us: u64) -> String {
    format!("{}.{:03} s", us / 1_000_000, us / 1_000 % 1_000)
}

/// Returns a duration in the unit that suits it: "350 µs", "12 ms", "1.5 s".
pub fn duration(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{}.{} s", us / 1_000_000, us / 100_000 % 10),
    }
}

/// Returns a clock's error in words: "exact", "180 ms behind".
pub fn clock_error(us: i64) -> String {
    match us {
        0 => "exact".into(),
        1.. => format!("{} ahead", duration(us.unsigned_abs())),
        _ => format!("{} behind", duration(us.unsigned_abs())),
    }
}

/// Returns a number with its thousands apart: "12,345".
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a word as it stands at the beginning of a sentence.
pub fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Returns an amount of data: "512 B", "9.4 kB", "10.7 GB".
pub fn bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} B"),
        1_000..1_000_000 => format!("{}.{} kB", number / 1_000, number / 100 % 10),
        1_000_000..1_000_000_000 => {
            format!("{}.{} MB", number / 1_000_000, number / 100_000 % 10)
        }
        _ => format!("{}.{} GB", number / 1_000_000_000, number / 100_000_000 % 10),
    }
}

/// Returns a number with the word for what it counts: "1 message", "14 messages".
pub fn counted(number: u64, thing: &str) -> String {
    format!("{} {thing}{}", count(number), if number == 1 { "" } else { "s" })
}

/// Returns the words of a name in camel case: "Write ahead log".
pub fn words(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push(' ');
            text.extend(letter.to_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_in_the_unit_that_suits_them() {
        assert_eq!(instant(1_284_999), "1.284 s");
        assert_eq!(duration(350), "350 µs");
        assert_eq!(duration(12_900), "12 ms");
        assert_eq!(duration(1_550_000), "1.5 s");
        assert_eq!(clock_error(-180_000), "180 ms behind");
    }

    #[test]
    fn numbers_have_their_thousands_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "message"), "1 message");
        assert_eq!(counted(1_400, "message"), "1,400 messages");
        assert_eq!(bytes(9_412), "9.4 kB");
    }

    #[test]
    fn names_become_words() {
        assert_eq!(words("WriteAheadLog"), "Write ahead log");
        assert_eq!(words("Leases"), "Leases");
    }
}
