//! Parquet and OpenDocument tables that lie about themselves.

use polars_io::prelude::ParquetCompression;

use super::import_formats::{ods_row, ods_table};
use super::made::{Made, Must, good, made};
use super::packed::ods;
use super::whole::{good_content, parquet};

pub fn corpus() -> Vec<Made> {
    [footers(), spreadsheets()].into_iter().flatten().collect()
}

/// Parquet: bytes of the footer changed, and its length.
fn footers() -> Vec<Made> {
    let good = parquet(ParquetCompression::Uncompressed);
    let end = good.len() - 8;
    let length = u32::from_le_bytes([good[end], good[end + 1], good[end + 2], good[end + 3]]) as usize;
    let mut out = Vec::new();
    for says in [0, 1, length as u32 - 1, length as u32 + 1, good.len() as u32, i32::MAX as u32, u32::MAX] {
        let mut lying = good.clone();
        lying[end..end + 4].copy_from_slice(&says.to_le_bytes());
        out.push(made(format!("footer-length-{says}.parquet"), lying, Must::Refuse));
    }
    for at in (end - length..end).step_by(29) {
        for value in [0, 0xff] {
            let mut changed = good.clone();
            changed[at] = value;
            out.push(made(format!("footer-{at}-{value}.parquet"), changed, Must::Survive));
        }
    }
    out.push(made("no-footer.parquet", good[..end - length].to_vec(), Must::Refuse));
    out.push(made("footer-alone.parquet", [b"PAR1", &good[end - length..]].concat(), Must::Refuse));
    out
}

fn spreadsheets() -> Vec<Made> {
    let rows = |more: &str| ods_table(&format!("{}{more}", good().lines().map(|l| ods_row(&l.split(',').collect::<Vec<_>>())).collect::<String>()));
    let repeated = |what: &str, times: &str| rows(&format!(r#"<table:table-row {what}="{times}"><table:table-cell office:value-type="float" office:value="1"/></table:table-row>"#));
    let laughs = format!("<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"{}\">]>{}", "&a;".repeat(1000), good_content().replace("Kayes region", "&b;"));
    let mut out = vec![
        made("laughs.ods", ods(laughs.as_bytes()), Must::Refuse),
        made("deep.ods", ods(rows(&"<table:table-row>".repeat(100_000)).as_bytes()), Must::Survive),
        made("formula.ods", ods(good_content().replacen(r#"office:value="3""#, r#"table:formula="of:=1/0" office:value="3""#, 1).as_bytes()), Must::Say("kept                 3")),
        made("no-rows.ods", ods(ods_table("").as_bytes()), Must::Refuse),
        made("nul.ods", ods(b"\0\0\0"), Must::Refuse),
        made("unclosed-table.ods", ods(good_content().split("</table:table>").next().unwrap_or_default().as_bytes()), Must::Refuse),
        made("closed-by-another.ods", ods(good_content().replacen("</table:table>", "</tablet:able>", 1).as_bytes()), Must::Refuse),
    ];
    for times in ["0", "-1", "10000", "4294967295", "18446744073709551616", "x", ""] {
        out.push(made(format!("rows-{times}.ods"), ods(repeated("table:number-rows-repeated", times).as_bytes()), Must::Survive));
        let cells = rows(&format!(r#"<table:table-row><table:table-cell table:number-columns-repeated="{times}" office:value-type="float" office:value="1"/></table:table-row>"#));
        out.push(made(format!("cells-{times}.ods"), ods(cells.as_bytes()), Must::Survive));
    }
    out
}
