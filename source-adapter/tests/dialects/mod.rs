//! Exports in other dialects: all people and numbers are invented.

/// An export and the items of its columns, in order; several are joined with `+`.
pub(crate) struct Dialect {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<(&'static str, &'static str)>,
    pub(crate) export: String,
}

/// Header, items, and the cells of three rows.
type Row = (&'static str, &'static str, [&'static str; 3]);

fn dialect(name: &'static str, delimiter: &str, rows: &[Row]) -> Dialect {
    let line = |cell: &dyn Fn(&Row) -> &'static str| {
        let cells: Vec<&str> = rows.iter().map(cell).collect();
        cells.join(delimiter) + "\r\n"
    };
    let mut export = line(&|row| row.0);
    for index in 0..3 {
        export.push_str(&line(&|row| row.2[index]));
    }
    Dialect { name, columns: rows.iter().map(|row| (row.0, row.1)).collect(), export }
}

/// All of them.
pub(crate) fn all() -> Vec<Dialect> {
    vec![
        dialect("official names", ",", &OFFICIAL),
        dialect("snake case", "\t", &SNAKE),
        dialect("abbreviations", ";", &SHORT),
    ]
}

/// Long official names with units.
const OFFICIAL: [Row; 52] = [
    ("受診者整理コード", "patient_id", ["00812", "00813", "00814"]),
    ("健康診断実施年月日", "exam_date", ["2025/10/01", "2025/10/01", "2025/10/02"]),
    ("受診者氏名（漢字）", "name_kanji", ["架空　花子", "見本　太郎", "仮名　次郎"]),
    ("受診者氏名（フリガナ）", "name_kana", ["カクウ　ハナコ", "ミホン　タロウ", "カメイ　ジロウ"]),
    ("性別区分", "sex", ["2", "1", "1"]),
    ("生年月日（和暦）", "birth_date", ["昭和50年3月4日", "平成2年11月30日", "昭和61年1月9日"]),
    ("健診時年齢（歳）", "exam_age", ["50", "34", "39"]),
    ("事業所名称", "employer_name", ["架空製作所", "架空製作所", "架空製作所"]),
    ("所属部署名称", "department", ["経理部", "製造部", "製造部"]),
    ("保険者番号（８桁）", "insurer_no", ["06139992", "06139992", "06139992"]),
    ("身長測定値（cm）", "height", ["158.2", "171.0", "168.8"]),
    ("体重測定値（kg）", "weight", ["51.0", "70.4", "64.2"]),
    ("ＢＭＩ（kg/m2）", "bmi", ["20.4", "24.1", "22.5"]),
    ("腹囲測定値（cm）", "waist", ["72.0", "85.5", "80.1"]),
    ("収縮期血圧１回目（mmHg）", "sbp1", ["112", "128", "135"]),
    ("拡張期血圧１回目（mmHg）", "dbp1", ["70", "82", "84"]),
    ("収縮期血圧２回目（mmHg）", "sbp2", ["", "126", "131"]),
    ("拡張期血圧２回目（mmHg）", "dbp2", ["", "80", "82"]),
    ("視力検査　裸眼　右", "va_r", ["0.7", "1.2", "0.1"]),
    ("視力検査　裸眼　左", "va_l", ["0.8", "1.5", "0.2"]),
    ("視力検査　矯正　右", "va_rc", ["1.2", "", "1.0"]),
    ("視力検査　矯正　左", "va_lc", ["1.0", "", "1.2"]),
    ("聴力検査　右耳　1000Hz", "hr_r1k", ["所見なし", "所見なし", "所見あり"]),
    ("聴力検査　右耳　4000Hz", "hr_r4k", ["所見なし", "所見あり", "所見なし"]),
    ("聴力検査　左耳　1000Hz", "hr_l1k", ["所見なし", "所見なし", "所見なし"]),
    ("聴力検査　左耳　4000Hz", "hr_l4k", ["所見なし", "所見なし", "所見なし"]),
    ("胸部エックス線検査　所見の有無", "cxr", ["なし", "なし", "あり"]),
    ("胸部エックス線検査　所見", "cxr_txt", ["", "", "右肺尖部胸膜肥厚"]),
    ("心電図検査　所見の有無", "ecg", ["なし", "あり", "なし"]),
    ("心電図検査　所見", "ecg_txt", ["", "洞性徐脈", ""]),
    ("尿検査（尿糖）", "u_sugar", ["陰性", "陰性", "陽性"]),
    ("尿検査（尿蛋白）", "u_prot", ["陰性", "陰性", "陰性"]),
    ("赤血球数（10^4/μL）", "rbc", ["430", "501", "488"]),
    ("血色素量（g/dL）", "hb", ["12.9", "15.1", "14.6"]),
    ("白血球数（×10^3/μL）", "wbc", ["5.6", "6.2", "4.9"]),
    ("血小板数（×10^4/μL）", "plt", ["24.1", "21.0", "19.8"]),
    ("ＡＳＴ（ＧＯＴ）（U/L）", "ast", ["18", "25", "31"]),
    ("ＡＬＴ（ＧＰＴ）（U/L）", "alt", ["12", "30", "42"]),
    ("γ－ＧＴ（γ－ＧＴＰ）（U/L）", "ggt", ["15", "44", "88"]),
    ("血清トリグリセライド（空腹時）（mg/dL）", "tg_fast", ["66", "120", "180"]),
    ("ＨＤＬコレステロール（mg/dL）", "hdl", ["72", "55", "48"]),
    ("ＬＤＬコレステロール（mg/dL）", "ldl", ["101", "130", "142"]),
    ("空腹時血糖（mg/dL）", "fpg", ["88", "97", "109"]),
    ("ヘモグロビンＡ１ｃ（NGSP）（%）", "hba1c", ["5.2", "5.6", "6.0"]),
    ("血清クレアチニン値（mg/dL）", "cre", ["0.61", "0.88", "0.90"]),
    ("推算糸球体濾過量（eGFR）", "egfr", ["82.1", "79.9", "74.0"]),
    ("血清尿酸値（mg/dL）", "ua", ["4.1", "6.0", "7.1"]),
    (
        "既往歴の有無及びその内容",
        "past_hist+past_hist_txt",
        ["特記事項なし", "虫垂炎", "特記事項なし"],
    ),
    ("業務歴", "work_hist", ["事務", "溶接", "組立"]),
    ("喫煙の状況", "q08", ["吸わない", "吸う", "やめた"]),
    ("総合判定区分", "j_total", ["A", "C", "D2"]),
    ("自己負担金額", "", ["0", "0", "0"]),
];

/// English and romaji in snake case.
const SNAKE: [Row; 46] = [
    ("juken_no", "patient_id", ["J-01", "J-02", "J-03"]),
    ("kenshin_date", "exam_date", ["20251001", "20251001", "20251002"]),
    ("shimei_kana", "name_kana", ["ｶｸｳ ﾊﾅｺ", "ﾐﾎﾝ ﾀﾛｳ", "ｶﾒｲ ｼﾞﾛｳ"]),
    ("shimei_kanji", "name_kanji", ["架空 花子", "見本 太郎", "仮名 次郎"]),
    ("gender", "sex", ["F", "M", "M"]),
    ("birthday", "birth_date", ["19750304", "19901130", "19860109"]),
    ("hokensha_no", "insurer_no", ["06139992", "06139992", "06139992"]),
    ("hokensho_kigo", "card_symbol", ["11", "11", "11"]),
    ("hokensho_bango", "card_number", ["101", "102", "103"]),
    ("company_name", "employer_name", ["架空製作所", "架空製作所", "架空製作所"]),
    ("employee_code", "employee_no", ["E1", "E2", "E3"]),
    ("body_height_cm", "height", ["158.2", "171.0", "168.8"]),
    ("body_weight_kg", "weight", ["51.0", "70.4", "64.2"]),
    ("bmi", "bmi", ["20.4", "24.1", "22.5"]),
    ("waist_circumference_cm", "waist", ["72.0", "85.5", "80.1"]),
    ("systolic_bp_1_mmhg", "sbp1", ["112", "128", "135"]),
    ("diastolic_bp_1_mmhg", "dbp1", ["70", "82", "84"]),
    ("visual_acuity_right", "va_r", ["0.7", "1.2", "0.1"]),
    ("visual_acuity_left", "va_l", ["0.8", "1.5", "0.2"]),
    ("visual_acuity_right_corrected", "va_rc", ["1.2", "", "1.0"]),
    ("visual_acuity_left_corrected", "va_lc", ["1.0", "", "1.2"]),
    ("hearing_right_1000hz", "hr_r1k", ["normal", "normal", "abnormal"]),
    ("hearing_right_4000hz", "hr_r4k", ["normal", "abnormal", "normal"]),
    ("hearing_left_1000hz", "hr_l1k", ["normal", "normal", "normal"]),
    ("hearing_left_4000hz", "hr_l4k", ["normal", "normal", "normal"]),
    ("chest_xray_result", "cxr+cxr_txt", ["normal", "normal", "pleural thickening"]),
    ("ecg_result", "ecg+ecg_txt", ["normal", "sinus bradycardia", "normal"]),
    ("urine_glucose", "u_sugar", ["-", "-", "+"]),
    ("urine_protein", "u_prot", ["-", "-", "+-"]),
    ("red_blood_cell_count", "rbc", ["4.30", "5.01", "4.88"]),
    ("hemoglobin_g_dl", "hb", ["12.9", "15.1", "14.6"]),
    ("hematocrit", "ht", ["38.5", "45.2", "44.0"]),
    ("ast_got", "ast", ["18", "25", "31"]),
    ("alt_gpt", "alt", ["12", "30", "42"]),
    ("gamma_gtp", "ggt", ["15", "44", "88"]),
    ("triglycerides_mg_dl", "tg_fast", ["66", "120", "180"]),
    ("hdl_cholesterol", "hdl", ["72", "55", "48"]),
    ("ldl_cholesterol", "ldl", ["101", "130", "142"]),
    ("fasting_blood_sugar", "fpg", ["88", "97", "109"]),
    ("hba1c_ngsp", "hba1c", ["5.2", "5.6", "6.0"]),
    ("creatinine", "cre", ["0.61", "0.88", "0.90"]),
    ("uric_acid", "ua", ["4.1", "6.0", "7.1"]),
    ("smoking_status", "q08", ["never", "current", "former"]),
    ("medication_blood_pressure", "q01", ["no", "yes", "no"]),
    ("overall_judgement", "j_total", ["A", "C", "D2"]),
    ("updated_at", "", ["2025-10-05", "2025-10-05", "2025-10-05"]),
];

/// The abbreviations of laboratory systems.
const SHORT: [Row; 40] = [
    ("カルテNo", "patient_id", ["901", "902", "903"]),
    ("受診日", "exam_date", ["R7.10.1", "R7.10.1", "R7.10.2"]),
    ("ﾌﾘｶﾞﾅ", "name_kana", ["ｶｸｳ ﾊﾅｺ", "ﾐﾎﾝ ﾀﾛｳ", "ｶﾒｲ ｼﾞﾛｳ"]),
    ("名前", "name_kanji", ["架空 花子", "見本 太郎", "仮名 次郎"]),
    ("男女", "sex", ["女", "男", "男"]),
    ("誕生日", "birth_date", ["S50.3.4", "H2.11.30", "S61.1.9"]),
    ("〒", "postal", ["231-0098", "2310098", "231-0097"]),
    (
        "住所",
        "address",
        ["神奈川県横浜市中区架空1", "神奈川県横浜市中区架空2", "神奈川県横浜市西区架空3"],
    ),
    ("TEL", "tel", ["045-000-0001", "045-000-0002", "045-000-0003"]),
    ("Ht(cm)", "height", ["158.2", "171.0", "168.8"]),
    ("Wt(kg)", "weight", ["51.0", "70.4", "64.2"]),
    ("BP", "sbp1+dbp1", ["112/70", "128/82", "135/84"]),
    ("PR", "", ["62", "70", "66"]),
    ("V.A.", "va_r+va_rc+va_l+va_lc", ["0.7(1.2)/0.8(1.0)", "1.2/1.5", "0.1(1.0)/0.2(1.2)"]),
    ("ｵｰｼﾞｵ", "hr_r1k+hr_r4k+hr_l1k+hr_l4k", ["○○○○", "○×○○", "×○○○"]),
    ("胸部XP", "cxr+cxr_txt", ["異常なし", "異常なし", "胸膜肥厚"]),
    ("EKG", "ecg+ecg_txt", ["異常なし", "洞性徐脈／左軸偏位", "異常なし"]),
    ("U-Glu", "u_sugar", ["(-)", "(-)", "(+)"]),
    ("U-Pro", "u_prot", ["(-)", "(±)", "(-)"]),
    ("U-OB", "u_occult", ["(-)", "(-)", "(2+)"]),
    ("RBC", "rbc", ["430", "501", "488"]),
    ("Hb", "hb", ["12.9", "15.1", "14.6"]),
    ("Hct", "ht", ["38.5", "45.2", "44.0"]),
    ("WBC", "wbc", ["5600", "6200", "4900"]),
    ("PLT", "plt", ["24.1", "21.0", "19.8"]),
    ("GOT", "ast", ["18", "25", "31"]),
    ("GPT", "alt", ["12", "30", "42"]),
    ("γGTP", "ggt", ["15", "44", "88"]),
    ("T-Cho", "tc", ["188", "201", "240"]),
    ("TG", "tg_fast+tg_casual", ["66", "120", "180"]),
    ("HDL-C", "hdl", ["72", "55", "48"]),
    ("LDL-C", "ldl", ["101", "130", "142"]),
    ("BS", "fpg+cpg", ["88", "97", "109"]),
    ("空腹/食後", "blood_time", ["空腹", "空腹", "食後"]),
    ("A1c", "hba1c", ["5.2", "5.6", "6.0"]),
    ("Cr", "cre", ["0.61", "0.88", "0.90"]),
    ("UA", "ua", ["4.1", "6.0", "7.1"]),
    ("服薬", "q01+q02+q03", ["なし", "血圧", "血圧・脂質"]),
    ("医師コメント", "dr_judge", ["異常ありません", "受診してください", "再検査"]),
    ("判定医", "dr_name", ["架空 医子", "架空 医子", "架空 医子"]),
];
