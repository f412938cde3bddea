//VERSION=3
// Vegetation (NDVI): the normalised difference of B08 and B04, from -1 to 1.
function setup() {
  return {
    input: ["B08", "B04", "dataMask"],
    output: { bands: 1, sampleType: "FLOAT32", nodataValue: -9999 }
  };
}

function evaluatePixel(px) {
  var sum = px.B08 + px.B04;
  return [px.dataMask === 1 && sum > 0 ? (px.B08 - px.B04) / sum : -9999];
}
