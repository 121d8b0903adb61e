import { css } from '@emotion/css';
import { Alert, Button } from '@grafana/ui';
import { Component, type ErrorInfo, type ReactNode } from 'react';

interface Props {
  /** What failed, as "The plugin dfr-ops-app". */
  what: string;
  /** A new value tries again. */
  resetKey?: string;
  children: ReactNode;
}

/** Keeps a plugin that throws from taking the whole page with it. */
export class Failure extends Component<Props, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack);
  }

  override componentDidUpdate(previous: Props): void {
    if (previous.resetKey !== this.props.resetKey && this.state.error) {
      this.setState({ error: null });
    }
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) {
      return this.props.children;
    }
    return (
      <Alert severity="error" title={`${this.props.what} has failed`} className={css({ margin: 16, flexGrow: 0 })}>
        <p>{error.message}</p>
        <Button variant="secondary" onClick={() => this.setState({ error: null })}>
          Try again
        </Button>
      </Alert>
    );
  }
}
