//! Country names and codes, and the states of the two countries whose states are checked.

/// `alpha-2|alpha-3|name|other names`, separated by `;`.
const COUNTRIES: &str = "
    AD|AND|Andorra; AE|ARE|United Arab Emirates; AF|AFG|Afghanistan; AG|ATG|Antigua and Barbuda; 
    AI|AIA|Anguilla; AL|ALB|Albania; AM|ARM|Armenia; AO|AGO|Angola; AQ|ATA|Antarctica; 
    AR|ARG|Argentina; AS|ASM|American Samoa; AT|AUT|Austria; AU|AUS|Australia; AW|ABW|Aruba; 
    AX|ALA|Åland Islands; AZ|AZE|Azerbaijan; BA|BIH|Bosnia and Herzegovina; BB|BRB|Barbados; 
    BD|BGD|Bangladesh; BE|BEL|Belgium; BF|BFA|Burkina Faso; BG|BGR|Bulgaria; BH|BHR|Bahrain; 
    BI|BDI|Burundi; BJ|BEN|Benin; BL|BLM|Saint Barthélemy; BM|BMU|Bermuda; 
    BN|BRN|Brunei Darussalam|Brunei; BO|BOL|Bolivia, Plurinational State of|Bolivia; 
    BQ|BES|Bonaire, Sint Eustatius and Saba; BR|BRA|Brazil; BS|BHS|Bahamas; BT|BTN|Bhutan; 
    BV|BVT|Bouvet Island; BW|BWA|Botswana; BY|BLR|Belarus; BZ|BLZ|Belize; CA|CAN|Canada; 
    CC|CCK|Cocos (Keeling) Islands; CD|COD|Congo, The Democratic Republic of the; 
    CF|CAF|Central African Republic; CG|COG|Congo; CH|CHE|Switzerland; 
    CI|CIV|Côte d'Ivoire|Ivory Coast; CK|COK|Cook Islands; CL|CHL|Chile; CM|CMR|Cameroon; 
    CN|CHN|China; CO|COL|Colombia; CR|CRI|Costa Rica; CU|CUB|Cuba; CV|CPV|Cabo Verde|Cape Verde; 
    CW|CUW|Curaçao; CX|CXR|Christmas Island; CY|CYP|Cyprus; CZ|CZE|Czechia|Czech Republic; 
    DE|DEU|Germany; DJ|DJI|Djibouti; DK|DNK|Denmark; DM|DMA|Dominica; DO|DOM|Dominican Republic; 
    DZ|DZA|Algeria; EC|ECU|Ecuador; EE|EST|Estonia; EG|EGY|Egypt; EH|ESH|Western Sahara; 
    ER|ERI|Eritrea; ES|ESP|Spain; ET|ETH|Ethiopia; FI|FIN|Finland; FJ|FJI|Fiji; 
    FK|FLK|Falkland Islands (Malvinas); FM|FSM|Micronesia, Federated States of; FO|FRO|Faroe Islands; 
    FR|FRA|France; GA|GAB|Gabon; GB|GBR|United Kingdom|Great Britain; GD|GRD|Grenada; GE|GEO|Georgia; 
    GF|GUF|French Guiana; GG|GGY|Guernsey; GH|GHA|Ghana; GI|GIB|Gibraltar; GL|GRL|Greenland; 
    GM|GMB|Gambia; GN|GIN|Guinea; GP|GLP|Guadeloupe; GQ|GNQ|Equatorial Guinea; GR|GRC|Greece; 
    GS|SGS|South Georgia and the South Sandwich Islands; GT|GTM|Guatemala; GU|GUM|Guam; 
    GW|GNB|Guinea-Bissau; GY|GUY|Guyana; HK|HKG|Hong Kong|Hong Kong SAR; 
    HM|HMD|Heard Island and McDonald Islands; HN|HND|Honduras; HR|HRV|Croatia; HT|HTI|Haiti; 
    HU|HUN|Hungary; ID|IDN|Indonesia; IE|IRL|Ireland; IL|ISR|Israel; IM|IMN|Isle of Man; 
    IN|IND|India; IO|IOT|British Indian Ocean Territory; IQ|IRQ|Iraq; 
    IR|IRN|Iran, Islamic Republic of|Iran; IS|ISL|Iceland; IT|ITA|Italy; JE|JEY|Jersey; 
    JM|JAM|Jamaica; JO|JOR|Jordan; JP|JPN|Japan; KE|KEN|Kenya; KG|KGZ|Kyrgyzstan; KH|KHM|Cambodia; 
    KI|KIR|Kiribati; KM|COM|Comoros; KN|KNA|Saint Kitts and Nevis; 
    KP|PRK|Korea, Democratic People's Republic of|North Korea; KR|KOR|Korea, Republic of|South Korea; 
    KW|KWT|Kuwait; KY|CYM|Cayman Islands; KZ|KAZ|Kazakhstan; 
    LA|LAO|Lao People's Democratic Republic|Laos; LB|LBN|Lebanon; LC|LCA|Saint Lucia; 
    LI|LIE|Liechtenstein; LK|LKA|Sri Lanka; LR|LBR|Liberia; LS|LSO|Lesotho; LT|LTU|Lithuania; 
    LU|LUX|Luxembourg; LV|LVA|Latvia; LY|LBY|Libya; MA|MAR|Morocco; MC|MCO|Monaco; 
    MD|MDA|Moldova, Republic of|Moldova; ME|MNE|Montenegro; MF|MAF|Saint Martin (French part); 
    MG|MDG|Madagascar; MH|MHL|Marshall Islands; MK|MKD|North Macedonia|Macedonia; ML|MLI|Mali; 
    MM|MMR|Myanmar|Burma; MN|MNG|Mongolia; MO|MAC|Macao; MP|MNP|Northern Mariana Islands; 
    MQ|MTQ|Martinique; MR|MRT|Mauritania; MS|MSR|Montserrat; MT|MLT|Malta; MU|MUS|Mauritius; 
    MV|MDV|Maldives; MW|MWI|Malawi; MX|MEX|Mexico; MY|MYS|Malaysia; MZ|MOZ|Mozambique; 
    NA|NAM|Namibia; NC|NCL|New Caledonia; NE|NER|Niger; NF|NFK|Norfolk Island; NG|NGA|Nigeria; 
    NI|NIC|Nicaragua; NL|NLD|Netherlands|The Netherlands; NO|NOR|Norway; NP|NPL|Nepal; NR|NRU|Nauru; 
    NU|NIU|Niue; NZ|NZL|New Zealand; OM|OMN|Oman; PA|PAN|Panama; PE|PER|Peru; 
    PF|PYF|French Polynesia; PG|PNG|Papua New Guinea; PH|PHL|Philippines; PK|PAK|Pakistan; 
    PL|POL|Poland; PM|SPM|Saint Pierre and Miquelon; PN|PCN|Pitcairn; PR|PRI|Puerto Rico; 
    PS|PSE|Palestine, State of|Palestine; PT|PRT|Portugal; PW|PLW|Palau; PY|PRY|Paraguay; 
    QA|QAT|Qatar; RE|REU|Réunion; RO|ROU|Romania; RS|SRB|Serbia; RU|RUS|Russian Federation|Russia; 
    RW|RWA|Rwanda; SA|SAU|Saudi Arabia; SB|SLB|Solomon Islands; SC|SYC|Seychelles; SD|SDN|Sudan; 
    SE|SWE|Sweden; SG|SGP|Singapore; SH|SHN|Saint Helena, Ascension and Tristan da Cunha; 
    SI|SVN|Slovenia; SJ|SJM|Svalbard and Jan Mayen; SK|SVK|Slovakia; SL|SLE|Sierra Leone; 
    SM|SMR|San Marino; SN|SEN|Senegal; SO|SOM|Somalia; SR|SUR|Suriname; SS|SSD|South Sudan; 
    ST|STP|Sao Tome and Principe; SV|SLV|El Salvador; SX|SXM|Sint Maarten (Dutch part); 
    SY|SYR|Syrian Arab Republic|Syria; SZ|SWZ|Eswatini|Swaziland; TC|TCA|Turks and Caicos Islands; 
    TD|TCD|Chad; TF|ATF|French Southern Territories; TG|TGO|Togo; TH|THA|Thailand; TJ|TJK|Tajikistan; 
    TK|TKL|Tokelau; TL|TLS|Timor-Leste; TM|TKM|Turkmenistan; TN|TUN|Tunisia; TO|TON|Tonga; 
    TR|TUR|Türkiye|Turkey; TT|TTO|Trinidad and Tobago; TV|TUV|Tuvalu; 
    TW|TWN|Taiwan, Province of China|Taiwan; TZ|TZA|Tanzania, United Republic of|Tanzania; 
    UA|UKR|Ukraine; UG|UGA|Uganda; UM|UMI|United States Minor Outlying Islands; 
    US|USA|United States|United States of America; UY|URY|Uruguay; UZ|UZB|Uzbekistan; 
    VA|VAT|Holy See (Vatican City State); VC|VCT|Saint Vincent and the Grenadines; 
    VE|VEN|Venezuela, Bolivarian Republic of|Venezuela; VG|VGB|Virgin Islands, British; 
    VI|VIR|Virgin Islands, U.S.; VN|VNM|Viet Nam|Vietnam; VU|VUT|Vanuatu; WF|WLF|Wallis and Futuna; 
    WS|WSM|Samoa; YE|YEM|Yemen; YT|MYT|Mayotte; ZA|ZAF|South Africa; ZM|ZMB|Zambia; ZW|ZWE|Zimbabwe;
";

/// `code name`, separated by `,`.
const UNITED_STATES: &str = "
    AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,
    DE Delaware,DC District of Columbia,FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,
    IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA Louisiana,ME Maine,MD Maryland,MA Massachusetts,
    MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,MT Montana,NE Nebraska,NV Nevada,
    NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,NC North Carolina,ND North Dakota,
    OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,RI Rhode Island,SC South Carolina,
    SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington,
    WV West Virginia,WI Wisconsin,WY Wyoming,AS American Samoa,GU Guam,MP Northern Mariana Islands,
    PR Puerto Rico,VI U.S. Virgin Islands,AA Armed Forces Americas,AE Armed Forces Europe,
    AP Armed Forces Pacific
";

/// `code name`, separated by `,`.
const CANADA: &str = "
    AB Alberta,BC British Columbia,MB Manitoba,NB New Brunswick,NL Newfoundland and Labrador,
    NS Nova Scotia,NT Northwest Territories,NU Nunavut,ON Ontario,PE Prince Edward Island,
    QC Quebec,SK Saskatchewan,YT Yukon
";

/// The alpha-2 code of a country given by name or code.
pub(crate) fn country_code(text: &str) -> Option<&'static str> {
    COUNTRIES.split(';').map(str::trim).filter(|row| !row.is_empty()).find_map(|row| {
        let hit = row.split('|').any(|word| word.eq_ignore_ascii_case(text.trim()));
        if hit { row.split('|').next() } else { None }
    })
}

fn listed(states: &str, text: &str) -> bool {
    states
        .split(',')
        .filter_map(|row| row.trim().split_once(' '))
        .any(|(code, name)| code.eq_ignore_ascii_case(text) || name.eq_ignore_ascii_case(text))
}

/// What is wrong with country and state, if anything.
pub(crate) fn problem(country: Option<&str>, state: Option<&str>) -> Option<String> {
    let country = country?;
    let Some(code) = country_code(country) else {
        return Some(format!("The country '{country}' is not a valid country name or ISO code."));
    };
    let states = match code {
        "US" => UNITED_STATES,
        "CA" => CANADA,
        _ => return None,
    };
    match state {
        None => Some(format!("The state is required for the country '{country}'.")),
        Some(state) if !listed(states, state.trim()) => {
            Some(format!("The state '{state}' is not a valid state of the country '{country}'."))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_and_states_are_checked() {
        assert_eq!(country_code("norway"), Some("NO"));
        assert_eq!(country_code("Singapore"), Some("SG"));
        assert_eq!(country_code("DEU"), Some("DE"));
        assert_eq!(problem(Some("United States"), Some("Texas")), None);
        assert_eq!(problem(Some("US"), Some("TX")), None);
        assert!(problem(Some("United States"), None).is_some());
        assert!(problem(Some("Canada"), Some("Texas")).is_some());
        assert_eq!(problem(Some("France"), None), None);
        assert!(problem(Some("Atlantis"), None).is_some());
    }
}
