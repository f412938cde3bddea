//VERSION=3
// A picture of VV, VH and their ratio in decibels; 0 for no data.
function setup() {
  return {
    input: [{ bands: ["VV", "VH", "dataMask"], units: "LINEAR_POWER" }],
    output: { bands: 3, sampleType: "UINT8", nodataValue: 0 }
  };
}

function stretched(power, low, high) {
  var decibel = 10 * Math.log(Math.max(power, 1e-6)) / Math.LN10;
  return 1 + 254 * Math.min(1, Math.max(0, (decibel - low) / (high - low)));
}

function evaluatePixel(px) {
  if (px.dataMask !== 1) return [0, 0, 0];
  return [stretched(px.VV, -20, 0), stretched(px.VH, -27, -7), stretched(px.VV / Math.max(px.VH, 1e-6), 0, 15)];
}
