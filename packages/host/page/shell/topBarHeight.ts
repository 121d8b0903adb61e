/** In px; plugins ask for it to place what sticks below the bar. */
export const topBarHeight = 48;
