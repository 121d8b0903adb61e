/** Where a list of ours is as wide as a phone, in a panel or on a page: its container says `containerType: inline-size`. */
export const narrow = '@container (max-width: 600px)';
