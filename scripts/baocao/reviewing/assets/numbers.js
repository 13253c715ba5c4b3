"use strict";
// Numbers as Vietnamese readers write them, and texts as they search for them.
const numbers = (() => {
  const MARKS = /[\u0300-\u036f]/g;

  function fold(text) {
    return text.normalize("NFD").replace(MARKS, "").replace(/[đĐ]/g, "d").toLowerCase();
  }

  // "142.186", "142 186" and "142186" are searched alike; a decimal comma stays.
  function digits(text) {
    return text.replace(/[.\s%]/g, "");
  }

  // What somebody may have meant who typed a number: first as Vietnamese write it, then with point and comma exchanged.
  function readings(text) {
    const swapped = text.replace(/[.,]/g, (mark) => (mark === "." ? "," : "."));
    return [...new Set([digits(text), digits(swapped)])];
  }

  function group(whole) {
    return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ".");
  }

  // A decimal string or a whole number; at most `most` decimals, halves up, without trailing zeros.
  function print(number, most = 4) {
    if (number === null || number === undefined) return "-";
    let text = String(number);
    const sign = text.startsWith("-") ? "-" : "";
    if (sign) text = text.slice(1);
    let [whole, decimals = ""] = text.split(".");
    if (decimals.length > most) {
      const up = decimals[most] >= "5";
      let scaled = BigInt(whole + decimals.slice(0, most));
      if (up) scaled += 1n;
      const padded = String(scaled).padStart(most + 1, "0");
      whole = padded.slice(0, padded.length - most);
      decimals = padded.slice(padded.length - most);
    }
    decimals = decimals.replace(/0+$/, "");
    return sign + group(whole) + (decimals ? `,${decimals}` : "");
  }

  function percent(part, base) {
    if (base === null || base === undefined || Number(base) === 0) return null;
    return Math.round((Number(part) * 10000) / Number(base)) / 100;
  }

  function printPercent(number) {
    return number === null || number === undefined ? "-" : `${number.toFixed(2).replace(".", ",")}%`;
  }

  function printChange(number) {
    if (number === null) return "-";
    return signed(number, print(Math.abs(number) % 1 ? Math.abs(number).toFixed(4) : Math.abs(number)));
  }

  function printPercentChange(number) {
    return number === null ? "-" : signed(number, printPercent(Math.abs(number)));
  }

  function signed(number, text) {
    return number > 0 ? `+${text}` : number < 0 ? `−${text}` : text;
  }

  function printValue(value) {
    const mention = baocao.core.mentionsOf.get(value)?.[0];
    if (mention) return mention.printed;
    const printed = print(value.number, value.op === "ratio" ? 2 : 4);
    return value.unit === "%" && value.number !== null ? `${printed}%` : printed;
  }

  return { fold, digits, readings, print, percent, printPercent, printChange, printPercentChange, printValue };
})();
