//! Numbers, days and plural forms as the readers of a language write them (CLDR, through ICU4X).
//!
//! Arabic is written with Latin digits, as in the press of the region. A form that ICU has no data
//! for falls back to the plain one: nothing here can fail.

use icu_datetime::fieldsets::{YM, YMD};
use icu_datetime::{DateTimeFormatter, input};
use icu_decimal::{DecimalFormatter, input::Decimal};
use icu_locale_core::{Locale, locale};
use icu_plurals::{PluralCategory, PluralRules};
use jiff::civil::Date;

use super::{Language, Month};

/// What ICU needs for one language.
struct Forms {
    decimal: Option<DecimalFormatter>,
    day: Option<DateTimeFormatter<YMD>>,
    month: Option<DateTimeFormatter<YM>>,
    plural: Option<PluralRules>,
}

impl Forms {
    fn new(locale: &Locale) -> Self {
        Self {
            decimal: DecimalFormatter::try_new(locale.into(), Default::default()).ok(),
            day: DateTimeFormatter::try_new(locale.into(), YMD::long()).ok(),
            month: DateTimeFormatter::try_new(locale.into(), YM::long()).ok(),
            plural: PluralRules::try_new_cardinal(locale.into()).ok(),
        }
    }
}

thread_local! {
    // ICU's formatters are not shared between threads without a feature that costs every user of ICU.
    static FORMS: [Forms; 3] = [Forms::new(&locale!("en-GB")), Forms::new(&locale!("fr")), Forms::new(&locale!("ar-u-nu-latn"))];
}

fn with<T>(language: Language, f: impl FnOnce(&Forms) -> T) -> T {
    FORMS.with(|[en, fr, ar]| {
        f(match language {
            Language::En => en,
            Language::Fr => fr,
            Language::Ar => ar,
        })
    })
}

/// A number with so many decimals, rounded half to even on its binary value; `-0` reads `0`.
pub fn number(x: f64, decimals: usize, language: Language) -> String {
    let plain = format!("{x:.decimals$}");
    let zero = plain.trim_start_matches('-').bytes().all(|b| b == b'0' || b == b'.');
    let plain = if zero { plain.trim_start_matches('-') } else { &plain };
    with(language, |forms| match (Decimal::try_from_str(plain), &forms.decimal) {
        (Ok(decimal), Some(formatter)) => formatter.format(&decimal).to_string(),
        _ => plain.to_owned(),
    })
}

/// A share in percent, with so many decimals.
pub fn percent(share: f64, decimals: usize, language: Language) -> String {
    let gap = if language == Language::Fr { "\u{202f}" } else { "" };
    format!("{}{gap}%", number(share * 100.0, decimals, language))
}

/// A whole number.
pub fn count(n: i64, language: Language) -> String {
    with(language, |forms| forms.decimal.as_ref().map_or_else(|| n.to_string(), |formatter| formatter.format(&Decimal::from(n)).to_string()))
}

/// A day in words: `1 July 2025`.
pub fn day(date: Date, language: Language) -> String {
    let iso = input::Date::try_new_iso(i32::from(date.year()), date.month().unsigned_abs(), date.day().unsigned_abs());
    with(language, |forms| match (iso, &forms.day) {
        (Ok(iso), Some(formatter)) => {
            let written = formatter.format(&iso).to_string();
            // CLDR has no ordinal for the first of a month, which French writes so.
            if language == Language::Fr && date.day() == 1 { written.replacen('1', "1er", 1) } else { written }
        }
        _ => date.to_string(),
    })
}

/// A month in words: `July 2025`.
pub fn month(month: Month, language: Language) -> String {
    let first = month.first_day();
    let iso = input::Date::try_new_iso(i32::from(first.year()), first.month().unsigned_abs(), 1);
    with(language, |forms| match (iso, &forms.month) {
        (Ok(iso), Some(formatter)) => formatter.format(&iso).to_string(),
        _ => month.to_string(),
    })
}

/// The plural form that a count takes.
pub fn plural(n: i64, language: Language) -> PluralCategory {
    with(language, |forms| forms.plural.as_ref().map_or(PluralCategory::Other, |rules| rules.category_for(n.unsigned_abs())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_each_language_writes_them() {
        let cases = [
            (1_234.5, 1, "1,234.5", "1\u{202f}234,5", "1,234.5"),
            (-0.04, 1, "0.0", "0,0", "0.0"),
            (12.0, 0, "12", "12", "12"),
            (-2.5, 1, "-2.5", "-2,5", "\u{200e}-2.5"),
        ];
        for (x, decimals, en, fr, ar) in cases {
            let written = [Language::En, Language::Fr, Language::Ar].map(|l| number(x, decimals, l));
            assert_eq!(written, [en, fr, ar].map(str::to_owned), "{x}");
        }
    }

    #[test]
    fn days_and_months_in_words() {
        let date = Date::constant(2025, 7, 1);
        let written = [Language::En, Language::Fr, Language::Ar].map(|l| day(date, l));
        assert_eq!(written, ["1 July 2025", "1er juillet 2025", "1 يوليو 2025"].map(str::to_owned));
        let written = [Language::En, Language::Fr, Language::Ar].map(|l| month(Month::of(date), l));
        assert_eq!(written, ["July 2025", "juillet 2025", "يوليو 2025"].map(str::to_owned));
    }

    #[test]
    fn arabic_has_six_forms() {
        use PluralCategory::{Few, Many, One, Other, Two, Zero};
        let forms = [0, 1, 2, 3, 11, 100, 102, 103].map(|n| plural(n, Language::Ar));
        assert_eq!(forms, [Zero, One, Two, Few, Many, Other, Other, Few]);
        assert_eq!(plural(0, Language::Fr), One);
        assert_eq!(plural(0, Language::En), Other);
    }
}
