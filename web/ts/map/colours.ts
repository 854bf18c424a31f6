// The colours of the map; the same figures as in the style sheet's tokens.

export const FONT = '"Microsoft YaHei", "PingFang SC", "HarmonyOS Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif';
export const PAPER = "#eef1f5";
export const LABEL = "#16263a";
export const HALO = "#ffffff";
export const BORDER = "#6b7a8c";
export const SELECTED = "#b3261e";
export const PRIMARY = "#1b5fae";
export const MOVED = "#b45f06";
export const PROBLEM = "#c2185b";
export const GROUND = "rgba(201, 224, 243, 0.28)";
export const HOVER = "rgba(27, 95, 174, 0.14)";
export const CLASSES = ["#eff6fc", "#c9e0f3", "#94c4e6", "#5aa3d6", "#2b7fc1", "#125b9a"];
