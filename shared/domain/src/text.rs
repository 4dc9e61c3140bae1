//! Text that Zuora accepts: no four-byte UTF-8, no control characters, a length limit (`zuora.md` 2.4, 3.1).

/// What cleaning a text did to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// The text to send.
    pub text: String,
    /// Characters were left out because Zuora refuses them (emoji, some rare ideographs, control characters).
    pub removed: bool,
    /// The text was cut to the limit.
    pub cut: bool,
}

/// Leaves out what Zuora refuses, folds white space and cuts to `limit` characters.
pub fn clean(text: &str, limit: usize) -> Cleaned {
    // U+FE0F and U+200D only glue emoji together; left alone they would be invisible dirt.
    let kept: String = text
        .chars()
        .filter(|c| {
            c.len_utf8() < 4
                && !matches!(*c, '\u{fe0f}' | '\u{200d}')
                && (!c.is_control() || c.is_whitespace())
        })
        .collect();
    let folded = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let removed = kept.chars().count() != text.chars().count();
    let cut = folded.chars().count() > limit;
    let text =
        if cut { folded.chars().take(limit).collect::<String>().trim_end().to_owned() } else { folded };
    Cleaned { text, removed, cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_go_and_other_scripts_stay() {
        let cleaned = clean("Nord🚀wind ❤️ 株式会社", 255);
        assert_eq!(cleaned.text, "Nordwind ❤ 株式会社");
        assert!(cleaned.removed && !cleaned.cut);
    }

    #[test]
    fn a_long_name_is_cut_by_characters() {
        let cleaned = clean(&"é".repeat(300), 255);
        assert_eq!(cleaned.text.chars().count(), 255);
        assert!(cleaned.cut && !cleaned.removed);
    }

    #[test]
    fn plain_text_is_untouched() {
        assert_eq!(
            clean("Fjordlys Energi AS", 255),
            Cleaned { text: "Fjordlys Energi AS".into(), removed: false, cut: false }
        );
    }
}
