//VERSION=3
// Moisture (NDMI): the normalised difference of B08 and B11, from -1 to 1.
function setup() {
  return {
    input: ["B08", "B11", "dataMask"],
    output: { bands: 1, sampleType: "FLOAT32", nodataValue: -9999 }
  };
}

function evaluatePixel(px) {
  var sum = px.B08 + px.B11;
  return [px.dataMask === 1 && sum > 0 ? (px.B08 - px.B11) / sum : -9999];
}
