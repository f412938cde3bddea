//VERSION=3
// Open water (NDWI): the normalised difference of B03 and B08, from -1 to 1.
function setup() {
  return {
    input: ["B03", "B08", "dataMask"],
    output: { bands: 1, sampleType: "FLOAT32", nodataValue: -9999 }
  };
}

function evaluatePixel(px) {
  var sum = px.B03 + px.B08;
  return [px.dataMask === 1 && sum > 0 ? (px.B03 - px.B08) / sum : -9999];
}
