/** What texts write before the colon of "(NASDAQ: ACME)", last word only, and the exchange that it means. */
const EXCHANGES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    nasdaq: "nasdaq nasdaqgs nasdaqgm nasdaqcm",
    nyse: "nyse american arca amex nysearca nyseamerican",
    tsx: "tsx",
    tsxv: "tsxv venture tsx-v",
    asx: "asx",
    lse: "lse aim lon london",
    otc: "otc otcqb otcqx otcmkts otcpk pink markets otcid",
    xetra: "xetra etr fra fse fwb frankfurt",
    euronext: "euronext epa ams ebr paris amsterdam",
    hkex: "hkex sehk hkse hkg",
    tse: "tse tyo tokyo",
    cse: "cse",
    bse: "bse",
    nse: "nse",
    six: "six swx vtx",
    omx: "sto cph hel ose omx oslo stockholm",
    sgx: "sgx",
    krx: "krx kosdaq kospi",
    bme: "bme",
    bit: "bit mil",
    jse: "jse",
    cboe: "cboe bats"
  }).flatMap(([exchange, spellings]) => spellings.split(" ").map((spelling) => [spelling, exchange] as const))
)

export const exchangeOf = (word: string): string | undefined => EXCHANGES.get(word.toLowerCase())
