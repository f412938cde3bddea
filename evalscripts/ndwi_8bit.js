//VERSION=3
// Open water (NDWI): the normalised difference of B03 and B08; 1 to 255 stand for -1 to 1, 0 for no data.
function setup() {
  return {
    input: ["B03", "B08", "dataMask"],
    output: { bands: 1, sampleType: "UINT8", nodataValue: 0 }
  };
}

function evaluatePixel(px) {
  var sum = px.B03 + px.B08;
  if (px.dataMask !== 1 || sum <= 0) return [0];
  return [128 + 127 * (px.B03 - px.B08) / sum];
}
