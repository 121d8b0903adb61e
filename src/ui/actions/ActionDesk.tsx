/** What the desk shows; kept in the URL by whoever renders it, so that a reload in mid-run finds the run again. */
export type DeskPlace = { action: string | null; run: string | null };

export type ActionDeskProps = {
  /** Uid of the datasource DFR Ops. */
  uid?: string;
  /** The alert to mend; null: free choice. */
  fingerprint?: string | null;
  place: DeskPlace;
  onPlace: (place: DeskPlace) => void;
};

/** Choose an action, preview it, run it, watch it and its verdict. */
export function ActionDesk(_props: ActionDeskProps) {
  return null;
}
