//VERSION=3
// Moisture (NDMI): the normalised difference of B08 and B11; 1 to 255 stand for -1 to 1, 0 for no data.
function setup() {
  return {
    input: ["B08", "B11", "dataMask"],
    output: { bands: 1, sampleType: "UINT8", nodataValue: 0 }
  };
}

function evaluatePixel(px) {
  var sum = px.B08 + px.B11;
  if (px.dataMask !== 1 || sum <= 0) return [0];
  return [128 + 127 * (px.B08 - px.B11) / sum];
}
