//VERSION=3
// Reflectance of red, green and blue, as it was measured.
function setup() {
  return {
    input: ["B02", "B03", "B04", "dataMask"],
    output: { bands: 3, sampleType: "FLOAT32", nodataValue: -9999 }
  };
}

function evaluatePixel(px) {
  return px.dataMask === 1 ? [px.B04, px.B03, px.B02] : [-9999, -9999, -9999];
}
