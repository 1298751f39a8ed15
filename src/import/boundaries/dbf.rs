//! The table of a shapefile (dBASE III to V), in whatever encoding.

use encoding_rs::Encoding;

use super::bytes::Bytes;

/// Columns, and rows; none for a row that is marked as deleted.
#[derive(Debug)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Option<Vec<String>>>,
    /// How the text was read.
    pub encoding: String,
}

/// Reads a table. The encoding is that of the .cpg, else of the language driver, else UTF-8 if all text is, else Windows-1252.
pub fn read(dbf: &[u8], cpg: Option<&[u8]>) -> Result<Table, String> {
    let short = || "the .dbf is shorter than its header says".to_owned();
    let mut head = Bytes::new(dbf, true);
    head.take(4).ok_or_else(short)?;
    let count = head.u32().and_then(|n| usize::try_from(n).ok()).ok_or_else(short)?;
    let (start, width) = (head.u16().map(usize::from).ok_or_else(short)?, head.u16().map(usize::from).ok_or_else(short)?);
    let driver = dbf.get(29).copied().ok_or_else(short)?;
    let fields = fields(dbf.get(32..start).ok_or_else(short)?)?;
    if fields.iter().map(|f| f.length).sum::<usize>() + 1 > width {
        return Err("the columns of the .dbf are wider than its rows".into());
    }
    let body = dbf.get(start..).and_then(|b| b.get(..count.checked_mul(width)?)).ok_or_else(short)?;
    let text = Text::choose(cpg, driver, body)?;
    let rows = body.chunks_exact(width.max(1)).map(|row| {
        let mut bytes = Bytes::new(row, true);
        if bytes.u8() == Some(b'*') {
            return None;
        }
        Some(fields.iter().map(|f| f.cell(text.read(bytes.take(f.length).unwrap_or_default()))).collect())
    });
    Ok(Table { rows: rows.collect(), columns: fields.iter().map(|f| text.read(f.name)).collect(), encoding: text.name() })
}

/// A column: name, width in bytes, and whether it holds days.
struct Field<'a> {
    name: &'a [u8],
    length: usize,
    days: bool,
}

impl Field<'_> {
    /// A cell as text; a day, which stands as 20211220, with hyphens.
    fn cell(&self, text: String) -> String {
        match (self.days, text.get(..4), text.get(4..6), text.get(6..8)) {
            (true, Some(year), Some(month), Some(day)) if !year.trim().is_empty() => format!("{year}-{month}-{day}"),
            _ => text,
        }
    }
}

fn fields(bytes: &[u8]) -> Result<Vec<Field<'_>>, String> {
    let mut fields = Vec::new();
    for field in bytes.chunks_exact(32).take_while(|f| f.first() != Some(&0x0d)) {
        let name = field.get(..11).unwrap_or_default();
        let name = name.split(|b| *b == 0).next().unwrap_or_default();
        let length = field.get(16).copied().map_or(0, usize::from);
        // A column without width has no cells; rows of a byte each could have thousands of such.
        if length == 0 {
            continue;
        }
        fields.push(Field { name, length, days: field.get(11) == Some(&b'D') });
    }
    if fields.is_empty() { Err("the .dbf has no columns".into()) } else { Ok(fields) }
}

/// How bytes become text.
enum Text {
    Known(&'static Encoding),
    /// A code page of DOS: the characters from 128 on.
    Dos(&'static str, &'static str),
}

const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
const CP850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

impl Text {
    fn choose(cpg: Option<&[u8]>, driver: u8, body: &[u8]) -> Result<Self, String> {
        if let Some(cpg) = cpg {
            let label = String::from_utf8_lossy(cpg).trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_lowercase();
            if !label.is_empty() {
                return Self::by_label(&label).ok_or_else(|| format!("the .cpg names the encoding `{label}`, which is not known"));
            }
        }
        let by_driver = match driver {
            0x01 => Some("437"),
            0x02 => Some("850"),
            0x03 | 0x57 | 0x58 | 0x59 => Some("1252"),
            0x7d => Some("1255"),
            0x7e => Some("1256"),
            0xc8 => Some("1250"),
            0xc9 => Some("1251"),
            0xca => Some("1254"),
            0xcb => Some("1253"),
            0xcc => Some("1257"),
            _ => None,
        };
        // Programs write the driver of Windows beside UTF-8: text that is UTF-8 all through is.
        let plain = if std::str::from_utf8(body).is_ok() { "utf-8" } else { by_driver.unwrap_or("1252") };
        Self::by_label(plain).ok_or_else(|| "no encoding".into())
    }

    fn by_label(label: &str) -> Option<Self> {
        let digits: String = label.chars().filter(char::is_ascii_digit).collect();
        let iso = label.contains("8859");
        match digits.as_str() {
            "437" => return Some(Self::Dos("CP437", CP437)),
            "850" => return Some(Self::Dos("CP850", CP850)),
            "65001" | "8" if !iso => return Some(Self::Known(encoding_rs::UTF_8)),
            _ => {}
        }
        let spelt = match digits.strip_prefix("8859").filter(|_| iso) {
            Some(part) => format!("iso-8859-{part}"),
            None if digits.len() == 4 && digits.starts_with("125") => format!("windows-{digits}"),
            None => label.to_owned(),
        };
        Encoding::for_label(spelt.as_bytes()).map(Self::Known)
    }

    fn read(&self, bytes: &[u8]) -> String {
        match self {
            Self::Known(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            Self::Dos(_, upper) => {
                let high = |b: u8| upper.chars().nth(usize::from(b) - 128).unwrap_or('\u{fffd}');
                bytes.iter().map(|b| if b.is_ascii() { char::from(*b) } else { high(*b) }).collect()
            }
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Known(encoding) => encoding.name().to_owned(),
            Self::Dos(name, _) => (*name).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_by_label() {
        for (label, name) in [("utf-8", "UTF-8"), ("65001", "UTF-8"), ("utf8", "UTF-8"), ("1252", "windows-1252"), ("cp1256", "windows-1256"), ("iso-8859-1", "windows-1252"), ("iso88596", "ISO-8859-6"), ("8859-15", "ISO-8859-15"), ("oem 850", "CP850"), ("ansi 1252", "windows-1252")] {
            assert_eq!(Text::by_label(label).map(|t| t.name()).as_deref(), Some(name), "{label}");
        }
        assert!(Text::by_label("klingon").is_none());
        assert_eq!((CP437.chars().count(), CP850.chars().count()), (128, 128));
        assert_eq!(Text::Dos("CP850", CP850).read(b"S\x82gou"), "Ségou");
    }
}
