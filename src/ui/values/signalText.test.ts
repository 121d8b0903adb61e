import { signalText } from './signalText';

it('writes value and threshold in the unit of the rule', () => {
  expect(signalText(87.25, { signal_unit: 'percent', signal_threshold: '80', signal_comparison: '>' })).toEqual({ value: '87.3%', threshold: 'alerts over 80%' });
  expect(signalText(9, { signal_unit: 's', signal_threshold: '600', signal_comparison: '<' })).toEqual({ value: '9 s', threshold: 'alerts under 10 mins' });
});

it('says nothing where the rule or the service says nothing', () => {
  expect(signalText(null, {})).toEqual({ value: null, threshold: null });
  expect(signalText(NaN, { signal_threshold: '' })).toEqual({ value: null, threshold: null });
});

it('says on or off without a threshold', () => {
  expect(signalText(0, { signal_unit: 'bool_on_off', signal_threshold: '1', signal_comparison: '<' })).toEqual({ value: 'Off', threshold: null });
});
